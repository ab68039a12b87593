import ArgumentParser

/// The `quire` command. Each verb has its own file.
@main
struct Quire: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quire",
    abstract: "Run any Linux program on a memory manager that you configure, and see what it does.",
    discussion: """
      Quire is Linux's memory manager as a program: page tables, page faults, copy-on-write, the buddy system and \
      TLBs, driven by every memory access of a real program.

      EXAMPLES
        quire run --ram 256M -- python3 app.py
        quire record -o app.quire -- python3 app.py
        quire replay --ram 64M --cpus 2 -O json app.quire

      EXIT STATUS
        run and record end with the program's own exit status, or 128 plus the signal that killed it.
        64   wrong arguments, or a machine that cannot exist
        65   the recording or event stream is damaged or cut; what could be read was reported
        66   an input file cannot be opened
        73   an output file cannot be written
        125  the tracer could not be started
        126  the program cannot be executed, or is not an x86-64 program
        127  the program was not found
      """,
    version: quireVersion,
    subcommands: [Run.self, Record.self, Replay.self, Show.self, Validate.self])
}

/// The version of the command and of the package.
let quireVersion = "0.1.0"

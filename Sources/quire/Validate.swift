import ArgumentParser

/// `quire validate`: the model beside a real kernel.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the model with a real kernel.",
    discussion: "Exit status 1 if anything differs.",
    subcommands: [ValidateZoneInfo.self, ValidateSlabInfo.self])
}

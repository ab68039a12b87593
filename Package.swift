// swift-tools-version: 6.3
import PackageDescription

/// Settings of every Swift target but the tracer: each use of an unsafe construct must be marked.
let checked: [SwiftSetting] = [.strictMemorySafety()]

/// The tracer lives in QEMU's memory, without a Swift runtime, and handles raw addresses throughout.
let embedded: [SwiftSetting] = [
  .enableExperimentalFeature("Embedded"),
  .unsafeFlags(["-wmo", "-Ounchecked", "-Xcc", "-fomit-frame-pointer", "-Xllvm", "-frame-pointer=none"]),
]

let package = Package(
  name: "quire",
  products: [
    .library(name: "LinuxMM", targets: ["LinuxMM"]),
    .library(name: "TraceIO", targets: ["TraceIO"]),
    .executable(name: "quire", targets: ["quire"]),
    .library(name: "QuireTracer", type: .dynamic, targets: ["Tracer"]),
    // The baseline of the benchmarks, loaded by QEMU.
    .library(name: "QuireCounting", type: .dynamic, targets: ["CountingPlugin"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    .target(name: "LinuxMM", swiftSettings: checked + [.enableExperimentalFeature("RawLayout")]),
    .target(name: "HostMemory", dependencies: ["LinuxMM"], swiftSettings: checked),
    .target(name: "CQemuPlugin"),
    .target(name: "CLinux"),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
    .target(
      name: "TraceIO",
      dependencies: [
        "LinuxMM", "CLinux", "CZlib", "CZstd",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: checked),
    .target(name: "KernelText", dependencies: ["LinuxMM"], swiftSettings: checked),
    .target(name: "Reporting", dependencies: ["LinuxMM", "TraceIO", "KernelText"], swiftSettings: checked),
    .executableTarget(
      name: "quire",
      dependencies: [
        "LinuxMM", "TraceIO", "KernelText", "Reporting", "HostMemory", "CLinux", "Yams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: checked),
    // Sources/Tracer/Format links to Sources/TraceIO/Format: both ends of the stream share its definition.
    .target(name: "Tracer", dependencies: ["CQemuPlugin", "CLinux"], swiftSettings: embedded),
    .target(name: "CountingPlugin", path: "Benchmarks/CountingPlugin"),
    .executableTarget(
      name: "benchmarks", dependencies: ["LinuxMM", "HostMemory"], path: "Benchmarks/Suite", swiftSettings: checked),
    .executableTarget(name: "conformance", path: "Tests/Conformance", swiftSettings: checked),
    .executableTarget(
      name: "call-conformance",
      dependencies: [
        "LinuxMM", "HostMemory", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/CallConformance", swiftSettings: checked),
    .executableTarget(name: "pressure-conformance", path: "Tests/PressureConformance", swiftSettings: checked),
    .testTarget(name: "LinuxMMTests", dependencies: ["LinuxMM", "HostMemory"]),
    .testTarget(name: "KernelTextTests", dependencies: ["KernelText", "LinuxMM", "HostMemory"]),
    .testTarget(name: "TraceIOTests", dependencies: ["TraceIO", "LinuxMM", "HostMemory"]),
    .testTarget(name: "ReportingTests", dependencies: ["Reporting", "TraceIO", "LinuxMM", "HostMemory"]),
    .testTarget(name: "CommandTests"),
  ]
)

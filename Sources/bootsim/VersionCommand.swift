import ArgumentParser
import Reporting
import Scenarios
import TLSBootstrap
import TraceStore

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Prints the versions of the program and of what it reads, writes and models.")

  @Option(
    name: .customShort("o"),
    help: ArgumentHelp("What is printed: text or json.", valueName: "format"))
  var format = LintCommand.LintFormat.text

  fileprivate struct Versions: Encodable {
    let version = bootsimVersion
    let swift = Self.swiftVersion
    let platform = "\(Self.system)/\(Self.architecture)"
    let scenarioAPIVersion = ScenarioFile.apiVersion
    let traceSchemaVersion = Int(TraceSchema.version)
    let kubernetesVersion = ModelledKubernetes.version
  }

  func run() throws {
    let versions = Versions()
    switch format {
    case .text: print(versions.text)
    case .json: print(try JSONText.pretty(versions))
    }
  }
}

extension VersionCommand.Versions {
  fileprivate var text: String {
    """
    bootsim        \(version)
    Swift          \(swift)
    Platform       \(platform)
    Scenarios      \(scenarioAPIVersion)
    Trace schema   \(traceSchemaVersion)
    Kubernetes     \(kubernetesVersion), as modelled
    """
  }

  /// Of the compiler that built the program, as far as it tells.
  static var swiftVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #elseif compiler(>=6.2)
      "6.2"
    #else
      "6.1"
    #endif
  }

  static var system: String {
    #if os(macOS)
      "darwin"
    #elseif os(Linux)
      "linux"
    #else
      "other"
    #endif
  }

  static var architecture: String {
    #if arch(x86_64)
      "amd64"
    #elseif arch(arm64)
      "arm64"
    #else
      "other"
    #endif
  }
}

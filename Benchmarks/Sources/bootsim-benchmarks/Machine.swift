import Foundation
import PriorityQueue

/// The machine on which figures were measured.
struct Machine: Encodable {
  let processor = field("model name", of: "/proc/cpuinfo")
  let cores = ProcessInfo.processInfo.activeProcessorCount
  let system = ProcessInfo.processInfo.operatingSystemVersionString
  let swift = compilerVersion()
  let cxx = String(cString: cxxCompiler())

  var text: String { "\(processor), \(cores) cores, \(system), Swift \(swift)." }

  /// The most memory that this process ever held, in bytes; 0 where the system does not tell.
  static func peakMemory() -> Int {
    let kilobytes = field("VmHWM", of: "/proc/self/status").prefix { $0.isNumber }
    return (Int(kilobytes) ?? 0) * 1_024
  }

  private static func field(_ name: String, of path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    let value = line?.split(separator: ":", maxSplits: 1).last ?? "unknown"
    return value.trimmingCharacters(in: .whitespaces)
  }

  private static func compilerVersion() -> String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.1 or 6.2"
    #endif
  }
}

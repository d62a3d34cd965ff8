import Foundation
import Glibc

/// What a piece of work took: time on the clock, and time on a processor.
struct Taken {
  /// Seconds on the clock.
  let wall: Double
  /// Seconds of all threads of this process on a processor.
  let processor: Double

  /// Measures a piece of work.
  static func by<Result>(_ work: () throws -> Result) rethrows -> (result: Result, Taken) {
    let start = Stamp.now
    let result = try work()
    return (result, Stamp.now.since(start))
  }
}

/// A moment on both clocks.
struct Stamp {
  let wall: ContinuousClock.Instant
  let processor: Double

  static var now: Stamp {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Stamp(wall: .now, processor: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
  }

  func since(_ start: Stamp) -> Taken {
    Taken(wall: (wall - start.wall).seconds, processor: processor - start.processor)
  }
}

extension Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}

/// The memory of this process, as the kernel counts it.
enum Memory {
  /// Forgets the peak: from now on it is counted anew (proc(5), clear_refs).
  static func resetPeak() {
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
  }

  /// The most that was resident, in megabytes of 2²⁰ bytes.
  static var peak: Double { value("VmHWM:") }
  /// What is resident now.
  static var resident: Double { value("VmRSS:") }

  private static func value(_ name: String) -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    let kilobytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    return kilobytes.flatMap { Double($0) }.map { $0 / 1024 } ?? .nan
  }
}

/// The processor time and the threads of another process.
struct ProcessUse {
  let process: pid_t

  /// Nanoseconds on a processor, of all threads that are and were.
  var nanoseconds: Double {
    var (clock, time) = (clockid_t(), timespec())
    guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else {
      return .nan
    }
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }

  /// Ticks of a hundredth of a second, as the kernel counts them for the whole process.
  var ticks: Double {
    let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12 else { return .nan }
    return (Double(fields[11]) ?? .nan) + (Double(fields[12]) ?? .nan)
  }

  /// The processes whose command line has all of these texts.
  static func all(with texts: [String]) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { process in
      let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
      let line = String(decoding: bytes, as: UTF8.self)
      return process != getpid() && texts.allSatisfy { line.contains($0) }
    }
  }
}

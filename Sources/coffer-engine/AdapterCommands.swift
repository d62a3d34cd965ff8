import Adapters
import ArgumentParser
import Glibc
import Ledger
import Link
import VenueKit
import Wire

/// Adapters.
struct AdapterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adapter",
    abstract: "List the programs that read venues which Coffer does not know, or check one.",
    discussion: "coffer-adapter(5) describes how to write one.",
    subcommands: [List.self, Check.self], defaultSubcommand: List.self)

  /// Lists them.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "List the adapters that were found, and what is wrong with those not used.")
    @OptionGroup var output: OutputOptions

    mutating func run() throws {
      let library = AdapterLibrary(environment: EnginePlace.environment)
      let rows = library.found.map { found -> [ReportCell] in
        switch found.adapter {
        case .success(let adapter):
          let feeds = adapter.manifest.feeds.map(\.method.rawValue).joined(separator: " ")
          return [
            .text(adapter.manifest.id), .text(adapter.manifest.name), .text(feeds),
            .text(adapter.folder), .text(""),
          ]
        case .failure(let problem):
          return [.text(""), .text(""), .text(""), .text(found.folder), .text("\(problem)")]
        }
      }
      AdapterCommand.show(
        Report(
          tableName: "adapters", columns: ["id", "name", "feeds", "folder", "problem"],
          rows: rows), output)
    }
  }

  /// Checks one.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Check an adapter: its files, its program, and one page of each feed.")
    @OptionGroup var output: OutputOptions
    @Argument(help: "The adapter's folder.", completion: .directory) var path: String
    @Flag(help: "Only greet the program: nothing is asked and no key is wanted.")
    var dry = false
    @OptionGroup var credentials: CredentialOptions

    mutating func run() throws {
      let findings: [AdapterCheck.Finding]
      do {
        let adapter = try AdapterLibrary.adapter(at: path)
        let secrets =
          dry ? nil : Credentials(try credentials.read(for: adapter.venue), of: adapter.venue)
        findings = AdapterCheck.run(adapter, credentials: secrets, at: now) { line in
          let bytes = Array("adapter: \(line)\n".utf8)
          _ = write(STDERR_FILENO, bytes, bytes.count)
        }
      } catch { throw CommandFailure(any: error) }
      let isSound = findings.allSatisfy(\.isSound)
      AdapterCommand.show(
        Report(
          facts: [.init("sound", .flag(isSound))], tableName: "feeds",
          columns: ["feed", "rows", "more", "problems"],
          rows: findings.map { finding in
            [
              .text(finding.method), finding.rows.map { .integer(Int64($0)) } ?? .none,
              .flag(finding.hasMore), .text(finding.problems.joined(separator: "; ")),
            ]
          }), output)
      if !isSound { throw ExitCode(1) }
    }

    private var now: Instant {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Instant(seconds: Int64(time.tv_sec))
    }
  }

  fileprivate static func show(_ report: Report, _ output: OutputOptions) {
    standardOutput(output.json ? report.json : Array(report.plainText.utf8))
  }
}

import CPosix
import Canvas
import Engine
import Glibc
import Link
import Screens
import Styles
import Wire

/// One thing that was looked at.
struct DoctorCheck {
  let name: String
  /// `good`, `doubtful` or `bad`.
  let verdict: String
  let finding: String
  var advice = ""
}

/// Looks at the installation, the paths and the vault.
struct DoctorChecks {
  let options: EngineCommandOptions

  func run() -> [DoctorCheck] {
    [
      programs, terminal, locale, memoryLock, styles("theme", folders.themes),
      styles("keymap", folders.keymaps), settings,
    ]
      + vaultFolder + engine
  }

  private var folders: StyleFolders {
    StyleFolders(program: EngineStart.program, environment: EnginePlace.environment)
  }

  private var programs: DoctorCheck {
    let client = String(EngineStart.program.dropLast("-engine".count))
    let isThere = access(client, X_OK) == 0
    return DoctorCheck(
      name: "programs", verdict: isThere ? "good" : "bad",
      finding: isThere ? "coffer lies beside coffer-engine" : "\(client) cannot be run",
      advice: isThere ? "" : "Install both programs in one folder.")
  }

  private var terminal: DoctorCheck {
    let name = EnginePlace.environment("TERM") ?? ""
    if ["", "dumb", "unknown"].contains(name) {
      return DoctorCheck(
        name: "terminal", verdict: "doubtful", finding: "TERM is '\(name)': no full screen",
        advice: "Use a terminal, or the commands with --json.")
    }
    return DoctorCheck(name: "terminal", verdict: "good", finding: name)
  }

  private var locale: DoctorCheck {
    setlocale(LC_ALL, "")
    let codeset = String(cString: nl_langinfo(Int32(CODESET)))
    return DoctorCheck(
      name: "locale", verdict: codeset == "UTF-8" ? "good" : "doubtful", finding: codeset,
      advice: codeset == "UTF-8" ? "" : "Without UTF-8 everything is drawn in ASCII.")
  }

  private var memoryLock: DoctorCheck {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(8), &limit)
    let isEnough = limit.rlim_cur >= 1 << 20
    return DoctorCheck(
      name: "locked memory", verdict: isEnough ? "good" : "doubtful",
      finding: "\(limit.rlim_cur / 1024) KiB may be locked",
      advice: isEnough ? "" : "Keys may be swapped to disk: raise `ulimit -l` to 1024.")
  }

  private func styles(_ what: String, _ directories: [String]) -> DoctorCheck {
    let names = StyleLibrary(directories: directories).names()
    return DoctorCheck(
      name: what + "s", verdict: names.isEmpty ? "doubtful" : "good",
      finding: names.isEmpty ? "none found" : names.joined(separator: ", "),
      advice: names.isEmpty ? "They are looked for in \(directories.joined(separator: ", "))." : "")
  }

  private var settings: DoctorCheck {
    let store = SettingsStore(path: folders.settings)
    guard store.isThere else {
      return DoctorCheck(
        name: "settings", verdict: "good", finding: "there is no \(store.path): what is usual holds"
      )
    }
    let (entries, faults) = store.read()
    let file = entries.map { WantedSetting(name: $0.name, text: $0.text, place: $0.place) }
    let found = Settings.resolved(file: file, environment: { _ in nil }, options: [:])
    let problems = faults.map(\.description) + found.problems
    return DoctorCheck(
      name: "settings", verdict: problems.isEmpty ? "good" : "doubtful",
      finding: problems.isEmpty
        ? "\(found.wanted.count) in \(store.path)" : problems.prefix(5).joined(separator: "; "),
      advice: problems.isEmpty ? "" : "The others hold. See coffer-settings(5).")
  }

  private var vaultFolder: [DoctorCheck] {
    let place = options.place.place
    guard access(place.vault, F_OK) == 0 else {
      return [
        DoctorCheck(
          name: "vault", verdict: "doubtful", finding: "there is none at \(place.vault)",
          advice: "Make one: coffer init")
      ]
    }
    return VaultMaker.look(at: place).map { finding in
      DoctorCheck(
        name: "vault files", verdict: finding.isGood ? "good" : "bad", finding: finding.text,
        advice: finding.advice)
    }
  }

  private var engine: [DoctorCheck] {
    do {
      guard let connection = try EngineConnection.attach(to: options.place.place) else {
        return [
          DoctorCheck(
            name: "engine", verdict: "good", finding: "does not run", advice: DoctorChecks.unseen)
        ]
      }
      var checks = [
        DoctorCheck(
          name: "engine", verdict: "good",
          finding: connection.status.isUnlocked ? "runs, vault open" : "runs, vault locked",
          advice: connection.status.isUnlocked ? "" : DoctorChecks.unseen)
      ]
      if connection.status.isUnlocked { checks += try records(connection) }
      return checks
    } catch {
      return [
        DoctorCheck(
          name: "engine", verdict: "bad", finding: error.message, advice: error.advice)
      ]
    }
  }

  private static let unseen = "The records were not looked at: coffer unlock, then again."

  /// The engine's own check of pages, tables, holdings and audit log.
  private func records(_ connection: EngineConnection) throws(Refusal) -> [DoctorCheck] {
    var line = ProgressLine()
    defer { line.clear() }
    let report = try connection.ask(Request("check")) { line.show($0) }
    return report.rows.map { row in
      DoctorCheck(
        name: row[0].plain, verdict: row[1] == .flag(true) ? "good" : "bad",
        finding: row[2].plain, advice: row[3].plain)
    }
  }
}

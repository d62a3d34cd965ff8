public import Portfolio

/// What a client says.
public enum ClientMessage: Equatable, Sendable, Wired {
  /// First of all: which protocol it speaks, and whether it only wants to read.
  case hello(version: UInt64, isReadOnly: Bool)
  /// Send the snapshot and from then on every change.
  case watch
  /// Send no more changes.
  case unwatch
  /// Do or say this.
  case request(id: UInt64, Request)
  /// Send this window of the ledger.
  case page(id: UInt64, LedgerQuery)
  /// Stop the work of a request.
  case cancel(id: UInt64)
  /// Send these boards, now and whenever they change; none ends it. `Board` names them.
  case look([String])
  /// Somebody has pressed a key; said now and then only, and only where the vault locks itself.
  case active

  /// The protocol that this build speaks.
  public static let version: UInt64 = 7

  /// Appends the message.
  public func write(to writer: inout WireWriter) {
    switch self {
    case .hello(let version, let isReadOnly):
      writer.put(byte: 0)
      writer.put(version)
      writer.put(isReadOnly)
    case .watch: writer.put(byte: 1)
    case .unwatch: writer.put(byte: 2)
    case .request(let id, let request):
      writer.put(byte: 3)
      writer.put(id)
      writer.put(request)
    case .page(let id, let query):
      writer.put(byte: 4)
      writer.put(id)
      writer.put(query)
    case .cancel(let id):
      writer.put(byte: 5)
      writer.put(id)
    case .look(let boards):
      writer.put(byte: 6)
      writer.put(boards)
    case .active: writer.put(byte: 7)
    }
  }

  /// Reads a message.
  public init(from reader: inout WireReader) throws(WireFault) {
    switch try reader.byte() {
    case 0: self = .hello(version: try reader.unsigned(), isReadOnly: try reader.flag())
    case 1: self = .watch
    case 2: self = .unwatch
    case 3: self = .request(id: try reader.unsigned(), try reader.value())
    case 4: self = .page(id: try reader.unsigned(), try reader.value())
    case 5: self = .cancel(id: try reader.unsigned())
    case 6: self = .look(try reader.list())
    case 7: self = .active
    default: throw .malformed
    }
  }
}

/// How things stand with the engine, for the status line.
public struct EngineStatus: Hashable, Sendable, Wired {
  /// The vault's name.
  public var vault: String
  /// Whether it is unlocked.
  public var isUnlocked: Bool
  /// Whether the engine was told to stay off the network.
  public var isOffline: Bool
  /// Whether this is the demonstration.
  public var isDemo: Bool
  /// How many entries the ledger has.
  public var entries: Int
  /// How many refused rows wait to be looked at.
  public var refused: Int
  /// How many clients are attached.
  public var clients: Int
  /// What it works on, or empty: `importing ledgers.csv 42 %`.
  public var activity: String
  /// What of its own work it cannot do, a sentence each.
  public var warnings: [String]
  /// After how many seconds without a key in any client the vault is locked; 0 for never.
  public var idleLockSeconds: Int
  /// Why the vault was locked, where not by hand: `no key was pressed for 15m`.
  public var lockReason: String

  /// Makes a status.
  public init(
    vault: String, isUnlocked: Bool = false, isOffline: Bool = false, isDemo: Bool = false,
    entries: Int = 0, refused: Int = 0, clients: Int = 0, activity: String = "",
    warnings: [String] = [], idleLockSeconds: Int = 0, lockReason: String = ""
  ) {
    self.vault = vault
    self.isUnlocked = isUnlocked
    self.isOffline = isOffline
    self.isDemo = isDemo
    self.entries = entries
    self.refused = refused
    self.clients = clients
    self.activity = activity
    self.warnings = warnings
    self.idleLockSeconds = idleLockSeconds
    self.lockReason = lockReason
  }

  /// Appends the status.
  public func write(to writer: inout WireWriter) {
    writer.put(vault)
    writer.put(isUnlocked)
    writer.put(isOffline)
    writer.put(isDemo)
    writer.put(entries)
    writer.put(refused)
    writer.put(clients)
    writer.put(activity)
    writer.put(warnings)
    writer.put(idleLockSeconds)
    writer.put(lockReason)
  }

  /// Reads a status.
  public init(from reader: inout WireReader) throws(WireFault) {
    vault = try reader.text()
    isUnlocked = try reader.flag()
    isOffline = try reader.flag()
    isDemo = try reader.flag()
    entries = try reader.integer()
    refused = try reader.integer()
    clients = try reader.integer()
    activity = try reader.text()
    warnings = try reader.list()
    idleLockSeconds = try reader.integer()
    lockReason = try reader.text()
  }
}

/// How far a long work has come.
public struct Progress: Hashable, Sendable, Wired {
  /// What is being done: `importing`, `verifying`.
  public let stage: String
  /// How much is done.
  public let done: Int64
  /// How much there is; 0 where unknown.
  public let total: Int64
  /// What is counted: `bytes`, `pages`, `entries`.
  public let unit: String

  /// Makes a progress.
  public init(stage: String, done: Int64, total: Int64, unit: String) {
    self.stage = stage
    self.done = done
    self.total = total
    self.unit = unit
  }

  /// Appends the progress.
  public func write(to writer: inout WireWriter) {
    writer.put(stage)
    writer.put(done)
    writer.put(total)
    writer.put(unit)
  }

  /// Reads a progress.
  public init(from reader: inout WireReader) throws(WireFault) {
    stage = try reader.text()
    done = try reader.signed()
    total = try reader.signed()
    unit = try reader.text()
  }
}

/// What the engine says.
public enum EngineMessage: Equatable, Sendable, Wired {
  /// First of all: which protocol it speaks and how things stand.
  case welcome(version: UInt64, EngineStatus)
  /// How things stand has changed.
  case status(EngineStatus)
  /// The whole portfolio.
  case snapshot(Snapshot)
  /// What leads from the last snapshot or change to the next.
  case change(ChangeSet)
  /// How far a request has come.
  case progress(id: UInt64, Progress)
  /// A request is answered.
  case report(id: UInt64, Report)
  /// A request is refused.
  case refusal(id: UInt64, Refusal)
  /// A window of the ledger.
  case page(id: UInt64, LedgerPage)
  /// The engine ends, for this reason.
  case goodbye(String)
  /// A board as it is now.
  case board(name: String, Report)

  /// Appends the message.
  public func write(to writer: inout WireWriter) {
    switch self {
    case .welcome(let version, let status):
      writer.put(byte: 0)
      writer.put(version)
      writer.put(status)
    case .status(let status):
      writer.put(byte: 1)
      writer.put(status)
    case .snapshot(let snapshot):
      writer.put(byte: 2)
      writer.put(snapshot)
    case .change(let changes):
      writer.put(byte: 3)
      writer.put(changes)
    case .progress(let id, let progress):
      writer.put(byte: 4)
      writer.put(id)
      writer.put(progress)
    case .report(let id, let report):
      writer.put(byte: 5)
      writer.put(id)
      writer.put(report)
    case .refusal(let id, let refusal):
      writer.put(byte: 6)
      writer.put(id)
      writer.put(refusal)
    case .page(let id, let page):
      writer.put(byte: 7)
      writer.put(id)
      writer.put(page)
    case .goodbye(let reason):
      writer.put(byte: 8)
      writer.put(reason)
    case .board(let name, let report):
      writer.put(byte: 9)
      writer.put(name)
      writer.put(report)
    }
  }

  /// Reads a message.
  public init(from reader: inout WireReader) throws(WireFault) {
    switch try reader.byte() {
    case 0: self = .welcome(version: try reader.unsigned(), try reader.value())
    case 1: self = .status(try reader.value())
    case 2: self = .snapshot(try reader.value())
    case 3: self = .change(try reader.value())
    case 4: self = .progress(id: try reader.unsigned(), try reader.value())
    case 5: self = .report(id: try reader.unsigned(), try reader.value())
    case 6: self = .refusal(id: try reader.unsigned(), try reader.value())
    case 7: self = .page(id: try reader.unsigned(), try reader.value())
    case 8: self = .goodbye(try reader.text())
    case 9: self = .board(name: try reader.text(), try reader.value())
    default: throw .malformed
    }
  }
}

public import Amounts
public import Ledger

/// A kind of export file: how it is recognised and how its rows are read.
public struct ImportFormat: Sendable {
  /// Its stable name: `kraken-ledgers`.
  public let id: String
  /// What people call it: `Kraken ledgers`.
  public let name: String
  /// The venue or program whose codes name the assets: `kraken`; `AssetID.venue` uses it.
  public let venue: String
  /// The account its transactions belong to where the file names none.
  public let defaultAccount: String
  /// How its times are meant.
  public let clock: Clock
  /// Where the format is described: addresses of documents.
  public let sources: [String]
  /// Recognises the header.
  public let header: HeaderRule
  /// Whether the exporter leaves out empty cells at the end of a row.
  public let rowsMayEndEarly: Bool
  /// Whether the exporter writes cells beyond its header.
  public let rowsMayRunOn: Bool
  /// Makes a decoder for one file.
  public let makeDecoder: @Sendable (_ header: Header, _ settings: ImportSettings) -> any RowDecoder

  /// How the times of a format are to be understood.
  public enum Clock: Hashable, Sendable {
    /// In UTC, or with a zone in every cell.
    case utc
    /// In the zone the account was set to: the user must say it, or UTC is taken and reported.
    case account
  }

  /// Makes a format.
  public init(
    id: String, name: String, venue: String, defaultAccount: String, clock: Clock,
    sources: [String], header: HeaderRule, rowsMayEndEarly: Bool = false,
    rowsMayRunOn: Bool = false,
    makeDecoder: @escaping @Sendable (Header, ImportSettings) -> any RowDecoder
  ) {
    self.id = id
    self.name = name
    self.venue = venue
    self.defaultAccount = defaultAccount
    self.clock = clock
    self.sources = sources
    self.header = header
    self.rowsMayEndEarly = rowsMayEndEarly
    self.rowsMayRunOn = rowsMayRunOn
    self.makeDecoder = makeDecoder
  }
}

/// What the user tells an importer.
public struct ImportSettings: Sendable {
  /// The zone of times that name none.
  public var zone: any LocalZone
  /// The user's own currency, for files that leave it out.
  public var localCurrency: Currency?
  /// The coin of the chain an explorer's or wallet's file is of, for files that leave it out: `ETH`.
  public var nativeAsset: String?
  /// The user's own address, for files that name no owner.
  public var ownAddress: String?
  /// Whether `03/04/2024` is the third of April or the fourth of March, for files that leave it open.
  public var dateOrder: DateOrder
  /// The file's name, which some exporters put an address in; empty where there is none.
  public var fileName: String

  /// The order of day and month in dates written with numbers.
  public enum DateOrder: String, Hashable, Sendable, CaseIterable {
    /// Day, month, year.
    case dayFirst = "dmy"
    /// Month, day, year.
    case monthFirst = "mdy"
  }

  /// Makes settings.
  public init(
    zone: any LocalZone = UTCZone(), localCurrency: Currency? = nil, nativeAsset: String? = nil,
    ownAddress: String? = nil, dateOrder: DateOrder = .dayFirst, fileName: String = ""
  ) {
    self.zone = zone
    self.localCurrency = localCurrency
    self.nativeAsset = nativeAsset
    self.ownAddress = ownAddress
    self.dateOrder = dateOrder
    self.fileName = fileName
  }
}

/// A time zone's rules, given from outside: this module knows no zone database.
public protocol LocalZone: Sendable {
  /// Its name: `Europe/Berlin`.
  var name: String { get }
  /// The instants at which a clock in the zone shows this: none in a gap, two in an overlap.
  func instants(showing civil: CivilTime) -> [Instant]
}

/// Coordinated universal time.
public struct UTCZone: LocalZone {
  /// `UTC`.
  public var name: String { "UTC" }
  /// Makes the zone.
  public init() {}
  /// The one instant.
  public func instants(showing civil: CivilTime) -> [Instant] { [civil.utc] }
}

/// Turns rows into transactions, one file at a time; holds back only rows that may belong together.
public protocol RowDecoder: Sendable {
  /// Reads one data row.
  ///
  /// - Parameter row: The row.
  /// - Returns: What is now known, of this row or of rows held back before it.
  mutating func read(_ row: Row) -> [RowOutcome]

  /// Says what the rows still held back stand for; called once, after the last row.
  mutating func finish() -> [RowOutcome]
}

extension RowDecoder {
  /// Nothing is held back.
  public mutating func finish() -> [RowOutcome] { [] }
}

/// What became of a row.
///
/// Every row read ends in exactly one: as a transaction's own row, among its
/// merged rows, skipped, or refused.
public enum RowOutcome: Hashable, Sendable {
  /// It stands for this (several transactions may name the same row).
  case transaction(ImportedTransaction)
  /// It rightly stands for nothing: an opening line, a total, a duplicate of another row.
  case skipped(row: Int, why: String)
  /// It is not understood.
  case refused(row: Int, RowFault)
}

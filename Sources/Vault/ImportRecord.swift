public import Ledger

/// What is known of a file before it is imported.
public struct ImportDescriptor: Hashable, Sendable {
  /// The file's name without its folder.
  public var fileName: String
  /// SHA-256 of the file, 32 bytes.
  public var fileHash: [UInt8]
  /// Which format it is read as.
  public var format: String
  /// What the user set, as JSON text.
  public var settings: String
  /// The file's size.
  public var bytes: Int64

  /// Makes a descriptor.
  public init(
    fileName: String, fileHash: [UInt8], format: String, settings: String = "{}", bytes: Int64
  ) {
    self.fileName = fileName.storable
    self.fileHash = fileHash
    self.format = format.storable
    self.settings = settings.storable
    self.bytes = bytes
  }
}

/// How far an import has come; the raw values are stored.
public enum ImportState: Int, Hashable, Sendable, CaseIterable {
  /// It goes on.
  case running = 0
  /// The whole file was read.
  case done = 1
  /// The user ended it; what was added stays.
  case cancelled = 2
  /// It was broken off; what was added stays.
  case failed = 3
}

/// An import as the vault remembers it.
public struct ImportRecord: Hashable, Sendable {
  /// Its number, from 1.
  public let number: Int64
  /// When it began.
  public let time: Instant
  /// What was imported.
  public let descriptor: ImportDescriptor
  /// How far it came.
  public let state: ImportState
  /// Entries it added.
  public let added: Int
  /// Entries the vault had already.
  public let duplicates: Int
  /// Entries the vault had with another content.
  public let conflicts: Int
  /// Rows it newly kept as refused.
  public let refused: Int
  /// When it ended.
  public let ended: Instant?
}

/// What has become of a refused row; the raw values are stored.
public enum RefusalState: Int, Hashable, Sendable, CaseIterable {
  /// Somebody should look at it.
  case open = 0
  /// Somebody said it does not matter.
  case dismissed = 1
  /// It was dealt with.
  case resolved = 2
}

/// A refused row as the vault keeps it.
public struct RefusalRecord: Hashable, Sendable {
  /// Its number, from 1.
  public let number: Int64
  /// The import that read it; 0 for what was entered by hand.
  public let importNumber: Int64
  /// The row.
  public let row: RefusedRow
  /// What has become of it.
  public let state: RefusalState
}

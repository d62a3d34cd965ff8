public import Ledger

/// What is written of alerts in one transaction.
public struct AlertBatch: Hashable, Sendable {
  /// One thing that happened.
  public struct Record: Hashable, Sendable {
    /// The alert's number; 0 for a rule's.
    public var alert: Int
    /// When.
    public var time: Instant
    /// What happened.
    public var kind: String
    /// Who did it; empty for the rules.
    public var author: String
    /// What else there is to say.
    public var note: String
    /// The alert as it was then, in a form of the caller's.
    public var text: String

    /// Makes a record.
    public init(
      alert: Int, time: Instant, kind: String, author: String, note: String, text: String
    ) {
      self.alert = alert
      self.time = time
      self.kind = kind
      self.author = author
      self.note = note
      self.text = text
    }
  }

  /// One message to a sink.
  public struct Delivery: Hashable, Sendable {
    /// Its number, greater than those before.
    public var number: Int
    /// Its name for ever.
    public var id: String
    /// The sink.
    public var sink: String
    /// When it was made.
    public var time: Instant
    /// The message, in a form of the caller's.
    public var text: String

    /// Makes a delivery.
    public init(number: Int, id: String, sink: String, time: Instant, text: String) {
      self.number = number
      self.id = id
      self.sink = sink
      self.time = time
      self.text = text
    }
  }

  /// What happened, oldest first.
  public var records: [Record] = []
  /// Messages that are new.
  public var deliveries: [Delivery] = []
  /// How messages ended, by id.
  public var ended: [String: String] = [:]
  /// How alerts stand, by part; what is not named stays as it is.
  public var states: [String: String] = [:]

  /// Nothing.
  public init() {}

  /// Whether there is nothing to write.
  public var isEmpty: Bool {
    records.isEmpty && deliveries.isEmpty && ended.isEmpty && states.isEmpty
  }
}

/// A sink of alerts as it is kept; its secret is asked for by itself.
public struct SinkRecord: Hashable, Sendable {
  /// The holder's name for it.
  public let name: String
  /// How it is told.
  public let kind: String
  /// Where and as whom, in a form of the caller's.
  public let settings: String
  /// Whether it has a secret.
  public let hasSecret: Bool
  /// When it was added.
  public let created: Instant
}

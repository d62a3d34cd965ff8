import Amounts
public import Ledger

/// How the columns of a CSV file that no format knows are to be understood: the user's own format.
///
/// Columns are given by their names. Either `incoming` and `outgoing` name a column for each side, or
/// `amount` names one column whose sign says which side it is.
public struct MappingProfile: Hashable, Sendable {
  /// The profile's name, which also is its format's id: lower-case letters, digits and `-`.
  public var name: String
  /// The venue or program whose codes name the assets.
  public var venue: String
  /// The account, where no column names one.
  public var account: String
  /// The columns.
  public var columns: Columns
  /// What the texts of the `kind` column mean; compared in lower case.
  public var kinds: [String: EntryKind]
  /// Texts of the `kind` column whose rows are left out; compared in lower case.
  public var skippedKinds: Set<String>
  /// How numbers are written.
  public var numbers: NumberStyle
  /// How times are written; the first that fits counts.
  public var times: [TimePattern]
  /// The zone of times that name none.
  public var clock: ImportFormat.Clock

  /// The columns of a profile, by name.
  public struct Columns: Hashable, Sendable {
    /// The date and time.
    public var time: String
    /// What the row is; without it the sides decide: both make a trade.
    public var kind: String?
    /// What came in: its number, and its asset's code.
    public var incoming: Amount?
    /// What went out.
    public var outgoing: Amount?
    /// What came in, or went out where it is negative.
    public var amount: Amount?
    /// The fee.
    public var fee: Amount?
    /// What it was worth.
    public var value: Amount?
    /// The account.
    public var account: String?
    /// The account it went to.
    public var toAccount: String?
    /// A remark.
    public var note: String?
    /// The hash of the chain's transaction.
    public var transactionHash: String?
    /// The venue's own id, unique among the account's transactions of one kind.
    public var reference: String?

    /// Makes columns; what is not given the file does not have.
    public init(time: String) {
      self.time = time
    }
  }

  /// Where an amount stands.
  public struct Amount: Hashable, Sendable {
    /// The column of the number, or of number and code together.
    public var column: String
    /// Where the code is.
    public var code: Code

    /// Where the code of an amount is.
    public enum Code: Hashable, Sendable {
      /// In a column of its own.
      case column(String)
      /// The same for every row.
      case always(String)
      /// In the number's cell.
      case inCell
    }

    /// Makes a place.
    public init(column: String, code: Code) {
      self.column = column
      self.code = code
    }
  }

  /// Makes a profile; the rest can be set afterwards.
  public init(
    name: String, venue: String, account: String, columns: Columns, times: [TimePattern] = [.iso],
    clock: ImportFormat.Clock = .account, numbers: NumberStyle = .pointed,
    kinds: [String: EntryKind] = [:], skippedKinds: Set<String> = []
  ) {
    self.name = name
    self.venue = venue
    self.account = account
    self.columns = columns
    self.times = times
    self.clock = clock
    self.numbers = numbers
    self.kinds = kinds
    self.skippedKinds = skippedKinds
  }
}

/// What is wrong with a mapping profile.
public enum MappingFault: Error, Hashable, Sendable {
  /// The name is not made of lower-case letters, digits and `-`.
  case name(String)
  /// A registered format has that id.
  case nameTaken(String)
  /// The venue is empty, longer than 64 bytes or has a `:`.
  case venue(String)
  /// The account is empty.
  case account
  /// No column says what moved.
  case noAmount
  /// `amount` stands beside `incoming` or `outgoing`.
  case twoWaysOfAmounts
  /// A column's name is empty: which field.
  case emptyColumn(String)
  /// Two fields that exclude each other name the same column.
  case columnTwice(String)
  /// No pattern of times is given.
  case noTimes
  /// Meanings of kinds are given, but no column of kinds.
  case kindsWithoutColumn
  /// A column of kinds is given, but no meaning.
  case columnWithoutKinds
}

extension MappingProfile {
  /// The profile's format, after it was checked.
  ///
  /// - Throws: `MappingFault`, the first that was found.
  public func format() throws(MappingFault) -> ImportFormat {
    try check()
    let names = namedColumns.map(\.column)
    return ImportFormat(
      id: name, name: name, venue: venue, defaultAccount: account, clock: clock, sources: [],
      header: .having(names),
      makeDecoder: { _, settings in
        let reader = MappedRow(profile: self, zone: clock == .utc ? UTCZone() : settings.zone)
        return SingleRowDecoder { row throws(RowFault) in try reader.read(row) }
      })
  }

  private func check() throws(MappingFault) {
    let isName = !name.isEmpty && name.utf8.count <= 64
    guard isName, name.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789-".contains($0) }) else {
      throw .name(name)
    }
    if Registry.format(name) != nil { throw .nameTaken(name) }
    guard !venue.isEmpty, venue.utf8.count <= 64, !venue.contains(":") else { throw .venue(venue) }
    if account.isEmpty { throw .account }
    if times.isEmpty { throw .noTimes }
    let hasSides = columns.incoming != nil || columns.outgoing != nil
    if columns.amount == nil && !hasSides { throw .noAmount }
    if columns.amount != nil && hasSides { throw .twoWaysOfAmounts }
    if columns.kind == nil && !(kinds.isEmpty && skippedKinds.isEmpty) { throw .kindsWithoutColumn }
    if columns.kind != nil && kinds.isEmpty { throw .columnWithoutKinds }
    for named in namedColumns where Header.cleaned(named.column).isEmpty {
      throw .emptyColumn(named.field)
    }
    var numbers: Set<String> = [Header.cleaned(columns.time)]
    for amount in [columns.incoming, columns.outgoing, columns.amount, columns.fee] {
      guard let amount else { continue }
      let column = Header.cleaned(amount.column)
      if !numbers.insert(column).inserted { throw .columnTwice(amount.column) }
    }
  }

  /// Every column the profile names, with the field it is for.
  private var namedColumns: [(field: String, column: String)] {
    var named: [(field: String, column: String)] = [("time", columns.time)]
    let texts = [
      ("kind", columns.kind), ("account", columns.account), ("to-account", columns.toAccount),
      ("note", columns.note), ("hash", columns.transactionHash),
      ("reference", columns.reference),
    ]
    for (field, column) in texts {
      if let column { named.append((field, column)) }
    }
    let amounts = [
      ("in", columns.incoming), ("out", columns.outgoing), ("amount", columns.amount),
      ("fee", columns.fee), ("value", columns.value),
    ]
    for (field, amount) in amounts {
      guard let amount else { continue }
      named.append((field, amount.column))
      if case .column(let code) = amount.code { named.append((field + "-asset", code)) }
    }
    return named
  }
}

/// Reads one row as a profile says.
private struct MappedRow {
  let profile: MappingProfile
  let zone: any LocalZone

  private var columns: MappingProfile.Columns { profile.columns }

  func read(_ row: Row) throws(RowFault) -> RowMeaning {
    if let column = columns.kind, profile.skippedKinds.contains(row[column].lowercased()) {
      return .skipped(row[column].lowercased())
    }
    let time = try Row.time(
      try row.text(.named(columns.time)), profile.times, zone: zone, column: columns.time)
    var transaction = ImportedTransaction(row: row.number, time: time, kind: .trade)
    try readSides(row, &transaction)
    if let fee = columns.fee {
      let paid = try amount(fee, row)
      transaction.fee = try paid.map { paid throws(RowFault) in
        try magnitude(paid, row, fee.column)
      }
    }
    transaction.kind = try kind(row, transaction)
    transaction.value = try value(row)
    fillTexts(row, &transaction)
    return .transaction(transaction)
  }

  private func readSides(
    _ row: Row, _ transaction: inout ImportedTransaction
  ) throws(RowFault) {
    if let place = columns.amount {
      guard let signed = try amount(place, row) else {
        throw row.fault(.missing, .named(place.column))
      }
      let side = try magnitude(signed, row, place.column)
      if signed.quantity.isNegative {
        transaction.outgoing = side
      } else {
        transaction.incoming = side
      }
      return
    }
    if let place = columns.incoming, let side = try amount(place, row) {
      transaction.incoming = try magnitude(side, row, place.column)
    }
    if let place = columns.outgoing, let side = try amount(place, row) {
      transaction.outgoing = try magnitude(side, row, place.column)
    }
  }

  /// The meaning of the kind's text, or what the sides say.
  private func kind(
    _ row: Row, _ transaction: ImportedTransaction
  ) throws(RowFault) -> EntryKind {
    if let column = columns.kind {
      let text = try row.text(.named(column)).lowercased()
      guard let kind = profile.kinds[text] else { throw row.fault(.unknownKind, .named(column)) }
      return kind
    }
    switch (transaction.incoming, transaction.outgoing) {
    case (.some, .some): return .trade
    case (.some, nil): return .deposit
    case (nil, .some): return .withdrawal
    case (nil, nil) where transaction.fee != nil: return .fee
    case (nil, nil): throw RowFault(.missing, column: "amount")
    }
  }

  /// A signed amount, `nil` where its cell is empty or zero.
  private func amount(
    _ place: MappingProfile.Amount, _ row: Row
  ) throws(RowFault) -> AssetQuantity? {
    let column = Column.named(place.column)
    var text = row[column]
    var code = ""
    switch place.code {
    case .column(let name): code = row[name]
    case .always(let always): code = always
    case .inCell:
      let parts = AmountText(text)
      (text, code) = (parts.number, parts.code)
    }
    guard let value = try Row.number(text, profile.numbers, column: place.column), !value.isZero
    else { return nil }
    if code.isEmpty { throw RowFault(.missing, column: place.column, text: row[column]) }
    return AssetQuantity(Quantity(value), NamedAsset(code))
  }

  private func magnitude(
    _ amount: AssetQuantity, _ row: Row, _ column: String
  ) throws(RowFault) -> AssetQuantity {
    guard let quantity = try? amount.quantity.magnitude() else {
      throw row.fault(.tooLarge, .named(column))
    }
    return AssetQuantity(quantity, amount.asset)
  }

  private func value(_ row: Row) throws(RowFault) -> Money? {
    guard let place = columns.value, let found = try amount(place, row) else { return nil }
    guard let currency = Currency(found.asset.code) else {
      throw row.fault(.wrongShape, .named(place.column))
    }
    return Money(try magnitude(found, row, place.column).quantity.fixed, currency)
  }

  private func fillTexts(_ row: Row, _ transaction: inout ImportedTransaction) {
    transaction.account = text(columns.account, row)
    transaction.toAccount = text(columns.toAccount, row)
    transaction.note = text(columns.note, row)
    transaction.transactionHash = text(columns.transactionHash, row)
    transaction.reference = text(columns.reference, row)
  }

  private func text(_ column: String?, _ row: Row) -> String? {
    column.flatMap { row.optional(.named($0)) }
  }
}

public import Amounts
public import Ledger

/// A column of a file, by name or by position.
public enum Column: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  /// The first column of a name.
  case named(String)
  /// The column at a position; the first is 0.
  case at(Int)

  /// A column by name.
  public init(stringLiteral name: String) { self = .named(name) }
  /// A column by position.
  public init(integerLiteral position: Int) { self = .at(position) }
}

extension Row {
  /// The cell under a column without surrounding space; empty where there is none.
  public subscript(column: Column) -> String {
    switch column {
    case .named(let name): self[name]
    case .at(let position): self[position]
    }
  }

  /// A column's name as the file has it, for faults.
  public func name(of column: Column) -> String {
    switch column {
    case .named(let name): name
    case .at(let position):
      header.columns.indices.contains(position) ? header.columns[position] : "#\(position + 1)"
    }
  }

  /// A fault in a column, with the cell's text.
  public func fault(_ reason: RowFault.Reason, _ column: Column) -> RowFault {
    RowFault(reason, column: name(of: column), text: self[column])
  }

  /// The text of a cell that must hold something.
  ///
  /// - Parameter column: Where.
  /// - Returns: The text without surrounding space.
  /// - Throws: `missing`.
  public func text(_ column: Column) throws(RowFault) -> String {
    let text = self[column]
    if text.isEmpty { throw fault(.missing, column) }
    return text
  }

  /// The text of a cell, `nil` where it is empty.
  public func optional(_ column: Column) -> String? {
    let text = self[column]
    return text.isEmpty ? nil : text
  }
}

// MARK: - Numbers

extension Row {
  /// A number with its sign; a cell that means nothing is a fault.
  ///
  /// - Parameters:
  ///   - column: Where.
  ///   - style: How numbers are written.
  /// - Returns: The exact value.
  /// - Throws: `missing`, `notANumber`, `tooLarge`, `tooPrecise`.
  public func signed(_ column: Column, _ style: NumberStyle = .plain) throws(RowFault) -> Quantity {
    guard let value = try optionalSigned(column, style) else { throw fault(.missing, column) }
    return value
  }

  /// A number with its sign, `nil` where the cell is empty or means nothing.
  public func optionalSigned(
    _ column: Column, _ style: NumberStyle = .plain
  ) throws(RowFault) -> Quantity? {
    try Row.number(self[column], style, column: name(of: column)).map { Quantity($0) }
  }

  /// A number of zero or more; a negative one is `unclearDirection`.
  ///
  /// - Parameters:
  ///   - column: Where.
  ///   - style: How numbers are written.
  /// - Returns: The exact value.
  /// - Throws: As `signed`, and `unclearDirection`.
  public func quantity(
    _ column: Column, _ style: NumberStyle = .plain
  ) throws(RowFault) -> Quantity {
    guard let value = try optionalQuantity(column, style) else { throw fault(.missing, column) }
    return value
  }

  /// A number of zero or more, `nil` where the cell is empty or means nothing.
  public func optionalQuantity(
    _ column: Column, _ style: NumberStyle = .plain
  ) throws(RowFault) -> Quantity? {
    let value = try optionalSigned(column, style)
    if let value, value.isNegative { throw fault(.unclearDirection, column) }
    return value
  }

  /// A number without its sign, for columns whose sign says nothing new.
  public func magnitude(
    _ column: Column, _ style: NumberStyle = .plain
  ) throws(RowFault) -> Quantity {
    guard let value = try optionalMagnitude(column, style) else { throw fault(.missing, column) }
    return value
  }

  /// A number without its sign, `nil` where the cell is empty or means nothing.
  public func optionalMagnitude(
    _ column: Column, _ style: NumberStyle = .plain
  ) throws(RowFault) -> Quantity? {
    guard let value = try optionalSigned(column, style) else { return nil }
    do { return try value.magnitude() } catch { throw fault(.tooLarge, column) }
  }

  /// Reads the text of a number.
  ///
  /// - Parameters:
  ///   - text: Without surrounding space.
  ///   - style: How numbers are written.
  ///   - column: The column's name, for the fault.
  /// - Returns: The exact value, `nil` where the text means nothing.
  /// - Throws: `notANumber`, `tooLarge`, `tooPrecise`.
  public static func number(
    _ text: String, _ style: NumberStyle = .plain, column: String
  ) throws(RowFault) -> Fixed? {
    if style.isEmpty(text) { return nil }
    do {
      return try style.read(text)
    } catch {
      switch error {
      case .malformed: throw RowFault(.notANumber, column: column, text: text)
      case .tooLarge: throw RowFault(.tooLarge, column: column, text: text)
      case .tooPrecise: throw RowFault(.tooPrecise, column: column, text: text)
      }
    }
  }
}

// MARK: - Assets and money

extension Row {
  /// The longest code of an asset, in bytes.
  public static let longestCode = 100

  /// The code of an asset.
  ///
  /// - Parameter column: Where.
  /// - Returns: The code as the file has it.
  /// - Throws: `missing`, `tooLong`.
  public func asset(_ column: Column) throws(RowFault) -> NamedAsset {
    let code = try text(column)
    if code.utf8.count > Row.longestCode { throw fault(.tooLong, column) }
    return NamedAsset(code)
  }

  /// A quantity and its code from two columns; neither may be empty, the sign is left out.
  ///
  /// - Parameters:
  ///   - column: The number.
  ///   - code: The asset's code.
  ///   - style: How numbers are written.
  /// - Returns: The amount.
  /// - Throws: What `magnitude` and `asset` throw.
  public func amount(
    _ column: Column, of code: Column, _ style: NumberStyle = .plain
  ) throws(RowFault) -> AssetQuantity {
    AssetQuantity(try magnitude(column, style), try asset(code))
  }

  /// The same where the number may be empty or zero, which gives `nil`: for fees and other sides.
  public func optionalAmount(
    _ column: Column, of code: Column, _ style: NumberStyle = .plain
  ) throws(RowFault) -> AssetQuantity? {
    guard let quantity = try optionalMagnitude(column, style), !quantity.isZero else { return nil }
    return AssetQuantity(quantity, try asset(code))
  }

  /// An amount and its code from one cell: `0.00915201BTC1S`; empty or zero gives `nil`.
  ///
  /// - Parameters:
  ///   - column: Where.
  ///   - style: How numbers are written.
  ///   - codes: Codes that begin with digits.
  /// - Returns: The amount without its sign.
  /// - Throws: What `number` throws, and `missing` where there is a number but no code.
  public func optionalAmountText(
    _ column: Column, _ style: NumberStyle = .plain,
    codesWithDigits codes: [String] = AmountText.codesWithDigits
  ) throws(RowFault) -> AssetQuantity? {
    let text = self[column]
    if style.isEmpty(text) { return nil }
    let parts = AmountText(text, codesWithDigits: codes)
    guard let value = try Row.number(parts.number, style, column: name(of: column)) else {
      throw fault(.notANumber, column)
    }
    if value.isZero { return nil }
    if parts.code.isEmpty { throw fault(.missing, column) }
    if parts.code.utf8.count > Row.longestCode { throw fault(.tooLong, column) }
    guard let magnitude = try? Quantity(value).magnitude() else { throw fault(.tooLarge, column) }
    return AssetQuantity(magnitude, NamedAsset(parts.code))
  }

  /// The same where the cell must hold an amount; zero is kept.
  public func amountText(
    _ column: Column, _ style: NumberStyle = .plain,
    codesWithDigits codes: [String] = AmountText.codesWithDigits
  ) throws(RowFault) -> AssetQuantity {
    if let amount = try optionalAmountText(column, style, codesWithDigits: codes) { return amount }
    let code = AmountText(try text(column), codesWithDigits: codes).code
    if code.isEmpty { throw fault(.missing, column) }
    return AssetQuantity(.zero, NamedAsset(code))
  }

  /// An amount of money without its sign; `nil` where the number is empty.
  ///
  /// - Parameters:
  ///   - column: The number.
  ///   - currency: Its currency; `nil` gives no money.
  ///   - style: How numbers are written.
  /// - Returns: The money.
  /// - Throws: What `optionalMagnitude` throws.
  public func money(
    _ column: Column, in currency: Currency?, _ style: NumberStyle = .plain
  ) throws(RowFault) -> Money? {
    guard let currency, let amount = try optionalMagnitude(column, style) else { return nil }
    return Money(amount.fixed, currency)
  }

  /// The same with the currency's code in a column of its own; a code that is none is a fault.
  public func money(
    _ column: Column, ofCurrency code: Column, _ style: NumberStyle = .plain
  ) throws(RowFault) -> Money? {
    guard let amount = try optionalMagnitude(column, style) else { return nil }
    let text = self[code]
    if text.isEmpty { return nil }
    guard let currency = Currency(text) else { throw fault(.wrongShape, code) }
    return Money(amount.fixed, currency)
  }
}

// MARK: - Times

extension Row {
  /// A date and time, in the first of several patterns that fits.
  ///
  /// A time whose text names no zone is taken in `zone`: UTC for formats that write UTC, the user's
  /// `ImportSettings.zone` for the others.
  ///
  /// - Parameters:
  ///   - column: Where.
  ///   - patterns: How times are written; the first that fits counts.
  ///   - zone: The zone of times that name none.
  /// - Returns: The instant.
  /// - Throws: `missing`, `notATime`; `ambiguousTime` for a local time that a clock change leaves
  ///   out or shows twice.
  public func time(
    _ column: Column, _ patterns: TimePattern..., zone: any LocalZone = UTCZone()
  ) throws(RowFault) -> Instant {
    try Row.time(try text(column), patterns, zone: zone, column: name(of: column))
  }

  /// Reads the text of a date and time.
  ///
  /// - Parameters:
  ///   - text: Without surrounding space.
  ///   - patterns: The first that fits counts.
  ///   - zone: The zone of times that name none.
  ///   - column: The column's name, for the fault.
  /// - Returns: The instant.
  /// - Throws: `notATime`, `ambiguousTime`.
  public static func time(
    _ text: String, _ patterns: [TimePattern], zone: any LocalZone, column: String
  ) throws(RowFault) -> Instant {
    for pattern in patterns {
      switch pattern.read(text) {
      case .instant(let instant): return instant
      case .civil(let civil):
        let instants = zone.instants(showing: civil)
        guard instants.count == 1, let instant = instants.first else {
          throw RowFault(.ambiguousTime, column: column, text: text)
        }
        return instant
      case nil: continue
      }
    }
    throw RowFault(.notATime, column: column, text: text)
  }
}

import Foundation

/// Files as exchanges export them.
enum Export {
  static let krakenHeader =
    #""txid","refid","time","type","subtype","aclass","asset","amount","fee","balance""#

  /// Kraken's ledger with a deposit a row; amounts are 1, 2, 3 … hundredths.
  static func deposits(_ count: Int, asset: String = "ZUSD", from first: Int = 0) -> String {
    var text = krakenHeader + "\n"
    for number in first..<(first + count) {
      let second = number % 60
      let minute = number / 60 % 60
      let day = number / 3600 % 28 + 1
      text +=
        "\"L\(number)\",\"R\(number)\",\"2024-01-\(two(day)) 10:\(two(minute)):\(two(second))\","
        + "\"deposit\",\"\",\"currency\",\"\(asset)\",\(Double(number % 500 + 1) / 100),0,\"\"\n"
    }
    return text
  }

  private static func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }

  /// Deposits, a trade with a fee, a staking reward and a row that cannot be understood.
  static let kraken =
    krakenHeader + "\n" + """
      "L1","R1","2024-01-05 09:00:00","deposit","","currency","ZUSD",50000.0000,0,50000.0000
      "L2","T1","2024-01-05 10:15:30","trade","","currency","ZUSD",-42000.0000,10.9200,7989.0800
      "L3","T1","2024-01-05 10:15:30","trade","","currency","XXBT",1.2000000000,0.0000000000,1.2
      "L4","R2","2024-02-01 00:00:01","staking","","currency","DOT.S",0.123456789012345678,0,""
      "L5","R3","2024-02-02 00:00:00","deposit","","currency","XETH",not-a-number,0,""
      "L6","R4","2024-02-03 12:00:00","withdrawal","","currency","XXBT",-0.2000000000,0.0005,0.9995

      """

  /// BittyTax's records, which carry the account's name and a note.
  static func records(_ rows: [(asset: String, wallet: String, note: String)]) -> String {
    var text =
      "Type,Buy Quantity,Buy Asset,Buy Value in USD,Sell Quantity,Sell Asset,Sell Value in USD,"
      + "Fee Quantity,Fee Asset,Fee Value in USD,Wallet,Timestamp,Note\r\n"
    for (number, row) in rows.enumerated() {
      let cells = [
        "Deposit", "\(number + 1).5", row.asset, "", "", "", "", "", "", "", row.wallet,
        "2024-03-01T00:00:\(two(number % 60)) UTC", row.note,
      ]
      text += cells.map(quoted).joined(separator: ",") + "\r\n"
    }
    return text
  }

  private static func quoted(_ cell: String) -> String {
    "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}

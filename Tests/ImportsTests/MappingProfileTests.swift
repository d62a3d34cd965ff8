import Amounts
import Conformance
import Imports
import Ledger
import Testing
import Zones

@Suite struct MappingProfileTests {
  private var signed: MappingProfile {
    var columns = MappingProfile.Columns(time: "When")
    columns.amount = .init(column: "Change", code: .column("Coin"))
    columns.fee = .init(column: "Cost", code: .inCell)
    columns.value = .init(column: "Worth", code: .always("EUR"))
    columns.kind = "What"
    columns.reference = "Id"
    return MappingProfile(
      name: "my-bank", venue: "my-bank", account: "Bank", columns: columns,
      times: [.dots], numbers: .comma,
      kinds: ["bought": .trade, "zins": .interest, "aus": .withdrawal], skippedKinds: ["total"])
  }

  private func reading(_ profile: MappingProfile, _ text: String) throws -> FileReading {
    let format = try profile.format()
    let bytes = Array(text.utf8)
    let detection = try Detection(head: bytes[...], isWhole: true, formats: [format])
    var settings = ImportSettings()
    settings.zone = try #require(SystemZone("Europe/Vienna"))
    return FileReading(bytes, detection: detection, settings: settings)
  }

  @Test func `a profile reads a file of its own`() throws {
    let found = try reading(
      signed,
      """
      Id;When;What;Change;Coin;Cost;Worth
      7;05.01.2024 10:00;Zins;0,5;BTC;;20.000,00
      8;06.01.2024 10:00;Aus;-1.250,25;ADA;1,5 ADA;
      9;07.01.2024 10:00;Total;99;BTC;;
      10;08.01.2024 10:00;Raub;1;BTC;;
      11;09.01.2024 10:00;Aus;;BTC;;

      """)
    let transactions = found.batch.transactions.map(\.transaction)
    #expect(transactions.map(\.kind) == [.interest, .withdrawal])
    #expect(
      transactions.map(\.time.description) == ["2024-01-05T09:00:00Z", "2024-01-06T09:00:00Z"])
    #expect(transactions[0].incoming?.quantity.text == "0.5")
    #expect(transactions[0].value?.description == "20000 EUR")
    #expect(transactions[1].outgoing?.quantity.text == "1250.25")
    #expect(transactions[1].fee?.quantity.text == "1.5")
    #expect(transactions.map(\.reference) == ["7", "8"])
    #expect(found.batch.skipped.map(\.why) == ["total"])
    #expect(found.batch.refused.map(\.fault.reason) == [.unknownKind, .missing])
  }

  @Test func `without a column of kinds the sides decide`() throws {
    var columns = MappingProfile.Columns(time: "t")
    columns.incoming = .init(column: "in", code: .always("BTC"))
    columns.outgoing = .init(column: "out", code: .always("EUR"))
    let profile = MappingProfile(
      name: "mine", venue: "mine", account: "Mine", columns: columns, clock: .utc)
    let text = "t,in,out\n2024-01-01 00:00,1,\n2024-01-01 00:00,,2\n2024-01-01 00:00,1,2\n"
    let found = try reading(profile, text + "2024-01-01 00:00,,\n")
    #expect(found.batch.transactions.map(\.transaction.kind) == [.deposit, .withdrawal, .trade])
    #expect(found.batch.refused.map(\.fault.reason) == [.missing])
  }

  @Test func `a wrong profile is refused with what is wrong`() {
    func fault(_ change: (inout MappingProfile) -> Void) -> MappingFault? {
      var profile = signed
      change(&profile)
      do throws(MappingFault) {
        _ = try profile.format()
        return nil
      } catch {
        return error
      }
    }
    #expect(fault { _ in } == nil)
    #expect(fault { $0.name = "My Bank" } == .name("My Bank"))
    #expect(fault { $0.name = "bittytax" } == .nameTaken("bittytax"))
    #expect(fault { $0.venue = "a:b" } == .venue("a:b"))
    #expect(fault { $0.account = "" } == .account)
    #expect(fault { $0.times = [] } == .noTimes)
    #expect(fault { $0.columns.amount = nil } == .noAmount)
    #expect(
      fault { $0.columns.incoming = .init(column: "x", code: .inCell) } == .twoWaysOfAmounts)
    #expect(fault { $0.columns.kind = nil } == .kindsWithoutColumn)
    #expect(fault { $0.kinds = [:] } == .columnWithoutKinds)
    #expect(fault { $0.columns.note = " " } == .emptyColumn("note"))
    #expect(
      fault { $0.columns.fee = .init(column: "Change", code: .inCell) } == .columnTwice("Change"))
  }
}

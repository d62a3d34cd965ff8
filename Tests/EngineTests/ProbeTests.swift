import Encodings
import Ledger
import Testing
import VenueKit
import Venues

@testable import Engine

/// What is found out about a new key.
@Suite struct ProbeTests {
  private static let now = Instant(seconds: 1_767_225_600)

  /// Goes through all questions with answers by the end of the path; what is not there is refused.
  private func findings(
    _ venue: Venue, _ answers: [String: String]
  ) -> (findings: Probe.Findings, asked: [String]) {
    var probe = Probe(account: AccountID(named: "a"), venue: venue)
    var asked: [String] = []
    while true {
      switch probe.next(at: Self.now) {
      case .ended(let findings): return (findings, asked)
      case .ask(let call, _):
        asked.append(call.path)
        let body = answers[call.path] ?? #"{"status":"error","err-code":"404","err-msg":"no"}"#
        let answer = IncomingAnswer(status: 200, headers: [], body: Array(body.utf8))
        probe.take(.answered(answer), at: Self.now)
      }
    }
  }

  // https://huobiapi.github.io/docs/spot/v1/en/#api-key-query : the shape of the answers.
  @Test(arguments: [("readOnly", false, false), ("readOnly,trade,withdraw", true, true)])
  func `at HTX the user's number is asked for first, then what the key may do`(
    permission: String, canTrade: Bool, canWithdraw: Bool
  ) {
    let (findings, asked) = findings(
      .htx,
      [
        "v1/common/timestamp": #"{"status":"ok","data":1767225600000}"#,
        "v1/account/accounts": #"{"status":"ok","data":[{"id":1,"type":"spot","subtype":""}]}"#,
        "v2/user/uid": #"{"code":200,"data":63628520}"#,
        "api-key": """
        {"code":200,"message":"success","data":[{"accessKey":"a","note":"n",
        "permission":"\(permission)","ipAddresses":"1.1.1.1,1.1.1.2","validDays":-1,
        "status":"normal","createTime":1591348751000,"updateTime":1591348751000}]}
        """,
      ])
    #expect(findings.rights?.canTrade == canTrade)
    #expect(findings.rights?.canWithdraw == canWithdraw && findings.tellsRights)
    #expect(findings.rights?.addresses == ["1.1.1.1", "1.1.1.2"])
    #expect(findings.rights?.made == Instant(seconds: 1_591_348_751))
    #expect(
      asked.prefix(4) == ["v1/common/timestamp", "v1/account/accounts", "v2/user/uid", "api-key"])
  }

  @Test func `where the number is not told the rest is tried all the same`() {
    let (findings, asked) = findings(
      .htx,
      ["v1/account/accounts": #"{"status":"ok","data":[{"id":1,"type":"spot","subtype":""}]}"#])
    #expect(findings.rights == nil && !findings.tellsRights)
    #expect(asked.contains { $0.hasSuffix("/balance") } && !asked.contains("api-key"))
  }
}

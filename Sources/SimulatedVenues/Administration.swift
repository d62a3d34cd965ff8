import Amounts
import Encodings
import Simulator
import VenueKit

/// The routes below `/simulator/` that set faults and tell the truth.
///
/// - `GET /simulator/state` tells requests so far and the accounts' keys and true holdings.
/// - `PUT /simulator/faults` sets faults: `{"rates": {"delay": 20}, "script": [{"path": "/",
///   "fault": "dropAnswer", "count": 1}], "delayMilliseconds": 500, "pauseSeconds": 5,
///   "skewMilliseconds": 0, "lateRowsPerThousand": 0, "lateRowSeconds": 0, "balanceSeconds": 0,
///   "strangeWords": false, "seed": 1}`; what is left out has its usual value. Rates are thousandths.
enum Administration {
  static func answer(_ request: SimulatedRequest, _ desk: VenueDesk) -> SimulatedResponse {
    switch "\(request.method) \(request.path)" {
    case "GET /simulator/state": return told(state(desk), 200)
    case "PUT /simulator/faults", "POST /simulator/faults":
      let json: JSON
      do { json = try JSON.reading(request.body) } catch {
        return told(["error": .string("\(error)")], 400)
      }
      guard let plan = plan(Node(json)) else {
        return told(["error": "the faults are not understood"], 400)
      }
      desk.setFaults(plan)
      return told(["ok": true], 200)
    default: return told(["error": "there is no such route"], 404)
    }
  }

  private static func told(_ json: JSON, _ status: Int) -> SimulatedResponse {
    SimulatedResponse(
      status: status,
      headers: [SimulatedHeader(name: "Content-Type", value: "application/json")],
      body: Array(json.text.utf8))
  }

  private static func state(_ desk: VenueDesk) -> JSON {
    let accounts = desk.exchange { exchange, _ in
      JSON.array(
        exchange.accounts.map { account in
          let truth = account.truth.sorted { $0.key < $1.key }.map {
            ($0.key, JSON.string($0.value.text))
          }
          return [
            "key": .string(account.credentials.key),
            "events": .number(String(account.events.count)), "kinds": kinds(account),
            "holdings": .object(JSONObject(truth)),
          ]
        })
    }
    return [
      "venue": .string(desk.venue), "requests": .number(String(desk.requests)),
      "accounts": accounts ?? [],
    ]
  }

  /// How many events of each kind there are.
  private static func kinds(_ account: SimulatedAccount) -> JSON {
    var counts: [SimulatedEvent.Kind: Int] = [:]
    for event in account.events { counts[event.kind, default: 0] += 1 }
    let told = SimulatedEvent.Kind.allCases.map { kind in
      ("\(kind)", JSON.number(String(counts[kind] ?? 0)))
    }
    return .object(JSONObject(told))
  }

  /// The plan that a text describes; `nil` where a word or number of it is not known.
  static func plan(_ node: Node) -> FaultPlan? {
    do {
      var plan = FaultPlan(seed: UInt64(max(0, try node.optionalInteger("seed") ?? 1)))
      for rate in try node["rates"].optionalMembers() {
        guard let fault = SimulatedFault(rawValue: rate.key) else { return nil }
        plan.perThousand[fault] = Int(clamping: try rate.integer())
      }
      for row in try node["script"].optionalElements() {
        guard let fault = SimulatedFault(rawValue: try row["fault"].text()) else { return nil }
        let count = Int(clamping: try row.optionalInteger("count") ?? 1)
        plan.script.append(
          FaultPlan.Script(path: try row["path"].text(), fault: fault, count: count))
      }
      func number(_ name: String, _ usual: Int64) throws(VenueFault) -> Int64 {
        min(max(try node.optionalInteger(name) ?? usual, -86_400_000), 86_400_000)
      }
      plan.delayMilliseconds = max(0, try number("delayMilliseconds", plan.delayMilliseconds))
      plan.pauseSeconds = Int(max(0, try number("pauseSeconds", Int64(plan.pauseSeconds))))
      plan.skewMilliseconds = try number("skewMilliseconds", 0)
      plan.delays.lateRowsPerThousand = UInt64(max(0, try number("lateRowsPerThousand", 0)))
      plan.delays.lateRowSeconds = max(0, try number("lateRowSeconds", 0))
      plan.delays.hasStrangeWords = try node.optionalFlag("strangeWords") ?? false
      plan.delays.balanceSeconds = max(0, try number("balanceSeconds", 0))
      return plan
    } catch { return nil }
  }
}

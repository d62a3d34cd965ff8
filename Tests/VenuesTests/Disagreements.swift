/// Outside cases that we do not follow, each with the reason; the suite prints them as failed.
///
/// A case here that passes, or one that fails and is not here, fails the tests.
enum Disagreements {
  static let reasons: [String: String] = [
    // The library that made the case put the template of the path where the order's id belongs.
    "binanceus/sign/14": "the address holds a literal {orderId}",
    "bullish/sign/07": "the signature covers the literal {orderId}, the documents say the path",
    "bullish/request/fetchDepositAddress/01#signature": "as bullish/sign/07",
    "bullish/request/fetchOrder/01#signature": "as bullish/sign/07",
    // Answers of Bithumb's first routes, which ended in 2026.
    "bithumb/response/fetchBalance/new02": "an error body under the answers",
    "bithumb/record/trade/01": "a route that ended",
    "bithumb/record/trade/02": "a route that ended",
    "bithumb/record/candle/01": "a route that ended",
    "bithumb/record/order/03":
      "an order of a kind that is not placed: what is executed is not told",
    "bithumb/record/ticker/02": "the expectation lost digits that the answer has",
    // What the venue states is kept; the expectation works it out in another way.
    "coinsph/record/trade/01": "the side is turned round there",
    "cryptocom/request/fetchBalance/02#call": "a parameter the documents do not have",
    "cryptocom/request/fetchOHLCV/01#call": "the documents count in milliseconds",
    "cryptocom/response/fetchLedger/doc01": "the order's id, which several lines share",
    "dydx/request/fetchOHLCV/01#call": "the documents name it fromISO",
    "grvt/response/fetchTicker/doc01": "the expectation counts the buyers' volume alone",
    "hyperliquid/request/createOrder/09#call": "a size is cut to its step, never raised",
    "hyperliquid/request/createOrder/10#call": "a size is cut to its step, never raised",
    "hyperliquid/response/fetchMyTrades/01": "the fee includes the builder's by the documents",
    "krakenfutures/response/fetchMyTrades/01": "a fee worked out from a schedule, not stated",
    "krakenfutures/record/order/03": "filled 0 of an order that was executed",
    "p2b/record/trade/02": "a fee without a market, so in an asset unknown",
    "tokocrypto/response/fetchDeposits/doc01": "the answer is in another asset",
    "woofipro/record/order/02": "a stop order, which is not read yet",
  ]
}

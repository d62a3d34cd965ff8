import Encodings
import VenueKit

/// Logins and subscriptions of streams that more than one venue has.
enum StreamLogin {
  /// The key and the secret of an account; a fault where one is missing.
  static func needed(_ credentials: Credentials) throws(VenueFault) {
    guard !credentials.key.isEmpty, !credentials.secret.isEmpty else {
      throw .unsigned("no key is stored for this account")
    }
  }

  /// `{"op":"subscribe","args":[…]}`, as OKX has it, and Bitget and Bybit after it.
  static func subscription(_ arguments: [JSON]) -> String {
    let message: JSON = ["op": "subscribe", "args": .array(arguments)]
    return message.text
  }

  /// A message that signs a time, `GET` and a path, as OKX has it and Bitget after it.
  static func pathSigned(
    _ credentials: Credentials, _ time: String, _ path: String, _ tools: SigningTools
  ) throws(VenueFault) -> [String] {
    try needed(credentials)
    let text = time + "GET" + path
    let signature = tools.hmac(.sha256, Array(credentials.secret.utf8), Array(text.utf8))
    let message: JSON = [
      "op": "login",
      "args": [
        [
          "apiKey": .string(credentials.key), "passphrase": .string(credentials.passphrase),
          "timestamp": .string(time), "sign": .string(Base64.text(signature)),
        ]
      ],
    ]
    return [message.text]
  }

  /// The header fields of a request that a recipe signs, for a stream whose opening bears them.
  ///
  /// - Parameters:
  ///   - path: The path of the request, without its first slash.
  ///   - host: The venue's host.
  ///   - recipe: Its recipe.
  ///   - names: The fields that are kept, as written.
  ///   - credentials: The secrets.
  ///   - moment: Time and chance.
  ///   - tools: Cryptography.
  /// - Returns: The fields.
  /// - Throws: `unsigned` where the key is missing or no key at all.
  static func fields(
    _ path: String, _ host: String, _ recipe: Recipe, keeping names: Set<String>,
    _ credentials: Credentials, _ moment: Moment, _ tools: SigningTools
  ) throws(VenueFault) -> [StreamHeader] {
    try needed(credentials)
    let request = try Surface("stream", host, "/", recipe).request(
      Call("stream", "GET", path), credentials: credentials, moment: moment, tools: tools)
    return request.headers.filter { names.contains($0.name) }.map {
      StreamHeader($0.name, $0.value)
    }
  }
}

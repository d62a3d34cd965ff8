import CCurl
import Encodings

/// The way out for a web socket: straight, or through an HTTP proxy by CONNECT (RFC 9110, 9.3.6).
///
/// The environment is read as libcurl reads it for `https`: https://curl.se/libcurl/c/libcurl-env.html
struct ProxyRoute: Hashable, Sendable {
  /// Why there is no route.
  enum Fault: Error, Hashable, Sendable {
    /// The proxy is of a kind that web sockets cannot use.
    case kind(String)
    /// The proxy's address cannot be read.
    case unreadable
  }

  /// Whether the proxy itself is spoken to by TLS.
  var isSecure: Bool
  var host: String
  var port: Int
  /// The value of `Proxy-Authorization`; `nil` for none.
  var authorization: String?

  /// The route to a host.
  ///
  /// - Parameters:
  ///   - host: Where the socket goes, in lower case and without brackets.
  ///   - proxy: Which way out was chosen.
  ///   - environment: The value of a variable, where that decides.
  /// - Returns: The proxy, or `nil` for straight.
  /// - Throws: Why the proxy cannot be used; going straight instead would tell who we are.
  static func to(
    _ host: String, _ proxy: HTTPOptions.Proxy, environment: (String) -> String?
  ) throws(Fault) -> ProxyRoute? {
    if Address.isLoopback(host) || Address.isLoopback("[\(host)]") { return nil }
    switch proxy {
    case .none: return nil
    case .address(let text): return text.isEmpty ? nil : try ProxyRoute(text)
    case .environment:
      func first(_ names: String...) -> String? {
        names.lazy.compactMap(environment).first { !$0.isEmpty }
      }
      guard let text = first("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY") else {
        return nil
      }
      let exceptions = first("no_proxy", "NO_PROXY") ?? ""
      return isExcepted(host, by: exceptions) ? nil : try ProxyRoute(text)
    }
  }

  /// Reads `http://user:password@host:port`; without a scheme it is `http`, without a port 1080.
  ///
  /// https://curl.se/libcurl/c/CURLOPT_PROXY.html
  init(_ text: String) throws(Fault) {
    guard text.utf8.count <= 4_096, let handle = curl_url() else { throw .unreadable }
    defer { curl_url_cleanup(handle) }
    let whole = text.contains("://") ? text : "http://" + text
    guard
      curl_url_set(handle, CURLUPART_URL, whole, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK,
      let scheme = Address.part(handle, CURLUPART_SCHEME)?.lowercased(),
      let named = Address.part(handle, CURLUPART_HOST)?.lowercased()
    else { throw .unreadable }
    guard scheme == "http" || scheme == "https" else { throw .kind(scheme) }
    isSecure = scheme == "https"
    host = named.hasPrefix("[") ? String(named.dropFirst().dropLast()) : named
    port =
      Address.part(handle, CURLUPART_PORT).flatMap { Int($0) } ?? (isSecure ? 443 : 1_080)
    if let user = Address.part(handle, CURLUPART_USER) {
      let password = Address.part(handle, CURLUPART_PASSWORD) ?? ""
      let plain = Escaping.unescaped(user) + ":" + Escaping.unescaped(password)
      // RFC 7617, 2.
      authorization = "Basic " + Base64.text(Array(plain.utf8))
    }
  }

  /// Whether a list of names, addresses and networks, or `*`, names a host.
  ///
  /// A name stands for itself and for all below it. https://curl.se/libcurl/c/CURLOPT_NOPROXY.html
  static func isExcepted(_ host: String, by list: String) -> Bool {
    let host = host.hasSuffix(".") ? String(host.dropLast()) : host
    let own = octets(host)
    return list.split { $0 == "," || $0 == " " || $0 == "\t" }.contains { entry in
      if entry == "*" { return true }
      var name = entry.lowercased()
      if name.hasPrefix("[") && name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
      if let own {
        let parts = name.split(separator: "/", maxSplits: 1)
        guard let network = parts.first.flatMap({ octets(String($0)) }) else { return false }
        let bits = parts.count > 1 ? Int(parts[1]) ?? -1 : 32
        guard (0...32).contains(bits) else { return false }
        let mask: UInt32 = bits == 0 ? 0 : ~0 << UInt32(32 - bits)
        return own & mask == network & mask
      }
      if name.hasPrefix(".") { name.removeFirst() }
      if name.hasSuffix(".") { name.removeLast() }
      return !name.isEmpty && (host == name || host.hasSuffix("." + name))
    }
  }

  /// An address of IP version 4 as a number; `nil` for anything else.
  private static func octets(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      guard part.utf8.count <= 3, part.allSatisfy(\.isASCII), let octet = UInt8(part) else {
        return nil
      }
      number = number << 8 | UInt32(octet)
    }
    return number
  }
}

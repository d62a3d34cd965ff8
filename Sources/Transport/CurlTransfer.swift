import CCurl
import Glibc
import VenueKit

/// One call: its request, what has come of the answer, and libcurl's handle.
///
/// Unchecked, since everything in it is touched on the loop's thread alone once it was added.
final class CurlTransfer: @unchecked Sendable {
  let id: UInt64
  private let options: CallOptions
  private var request: OutgoingRequest
  private var done: (@Sendable (Result<IncomingAnswer, TransportFault>) -> Void)?
  private(set) var easy: UnsafeMutableRawPointer?
  private var list: UnsafeMutablePointer<curl_slist>?
  private var upload: UnsafeMutableRawBufferPointer?
  private var host = ""
  private var headers: [(name: String, value: String)] = []
  private var headerBytes = 0
  private var headerCount = 0
  private var isBodyBegun = false
  private var body: [UInt8] = []
  private var limits = HTTPOptions()
  private var begunAt: Int = 0
  /// How often libcurl was about to send it.
  private var sendings = 0
  private var sentAt: Int?
  private var lastByteAt: Int?
  /// Why one of our own callbacks stopped it.
  private var stopped: TransportFault.Kind?

  init(
    id: UInt64, request: OutgoingRequest, options: CallOptions,
    done: @escaping @Sendable (Result<IncomingAnswer, TransportFault>) -> Void
  ) {
    self.id = id
    self.request = request
    self.options = options
    self.done = done
  }

  deinit {
    free()
  }

  func finish(_ result: Result<IncomingAnswer, TransportFault>) {
    done?(result)
    done = nil
  }

  func fault(_ kind: TransportFault.Kind) -> TransportFault {
    TransportFault(kind, host: host, mayHaveBeenSent: sendings > 0)
  }

  /// Gives everything back that libcurl holds, overwriting what may be secret.
  func free() {
    if let easy { curl_easy_cleanup(easy) }
    easy = nil
    if let list { cc_slist_wipe(list) }
    list = nil
    if let upload {
      cc_wipe(upload.baseAddress, upload.count)
      upload.deallocate()
    }
    upload = nil
  }

  static func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  // MARK: Times

  /// When the first of its times runs out.
  var nextDeadline: Int {
    let whole = begunAt + options.wholeMilliseconds
    if let lastByteAt { return min(whole, lastByteAt + options.quietMilliseconds) }
    if let sentAt { return min(whole, sentAt + options.firstByteMilliseconds) }
    return whole
  }

  func overdue(at now: Int) -> TransportFault.Kind? {
    guard nextDeadline <= now else { return nil }
    if begunAt + options.wholeMilliseconds <= now { return .timeout(.whole) }
    return .timeout(lastByteAt == nil ? .firstByte : .quiet)
  }

  // MARK: Request

  private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]
  private static let isRepeatable: Set<String> = ["GET", "HEAD"]
  private static let urlBytesMost = 64 * 1024

  /// Sets the handle up; tells why not.
  func prepare(_ limits: HTTPOptions) -> TransportFault.Kind? {
    self.limits = limits
    begunAt = CurlTransfer.milliseconds()
    let address = Address(request.url)
    host = address?.host ?? "?"
    guard let address, request.url.utf8.count <= CurlTransfer.urlBytesMost else {
      return .request("the address cannot be read")
    }
    guard !address.hasUser else { return .request("an address must not hold a user") }
    guard address.scheme == "https" || (address.scheme == "http" && address.isLoopback) else {
      return .request("only https may leave this machine")
    }
    guard CurlTransfer.methods.contains(request.method) else {
      return .request("the method is not known")
    }
    guard let easy = curl_easy_init() else { return .request("no memory for libcurl") }
    self.easy = easy
    _ = cc_set_str(easy, CURLOPT_URL, request.url)
    setProtocol(easy, address)
    setTLS(easy)
    setProxy(easy)
    setMethod(easy)
    setCallbacks(easy)
    return setHeaders(easy)
  }

  private func setProtocol(_ easy: UnsafeMutableRawPointer, _ address: Address) {
    _ = cc_set_str(easy, CURLOPT_PROTOCOLS_STR, address.scheme)
    _ = cc_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    _ = cc_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    _ = cc_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // Wait for a connection in the making rather than make another: it may carry many calls. In
    // plain text that is known only after an answer, which would hold up everybody.
    _ = cc_set_long(easy, CURLOPT_PIPEWAIT, address.scheme == "https" ? 1 : 0)
    _ = cc_set_long(easy, CURLOPT_NOSIGNAL, 1)
    _ = cc_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    _ = cc_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    _ = cc_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, options.connectMilliseconds))
    _ = cc_set_str(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
    if !limits.userAgent.isEmpty { _ = cc_set_str(easy, CURLOPT_USERAGENT, limits.userAgent) }
  }

  private func setTLS(_ easy: UnsafeMutableRawPointer) {
    _ = cc_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    _ = cc_set_long(easy, CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    _ = cc_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
    _ = cc_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
    if let file = limits.authorityFile {
      _ = cc_set_str(easy, CURLOPT_CAINFO, file)
      _ = cc_set_str(easy, CURLOPT_CAPATH, nil)
    }
    if let pins = limits.pinnedKeys[host], !pins.isEmpty {
      _ = cc_set_str(easy, CURLOPT_PINNEDPUBLICKEY, pins.joined(separator: ";"))
    }
  }

  private func setProxy(_ easy: UnsafeMutableRawPointer) {
    switch limits.proxy {
    case .none: _ = cc_set_str(easy, CURLOPT_PROXY, "")
    case .environment: break
    case .address(let proxy): _ = cc_set_str(easy, CURLOPT_PROXY, proxy)
    }
    if Address.isLoopback(host) { _ = cc_set_str(easy, CURLOPT_PROXY, "") }
    _ = cc_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  private func setMethod(_ easy: UnsafeMutableRawPointer) {
    switch request.method {
    case "GET" where request.body == nil: _ = cc_set_long(easy, CURLOPT_HTTPGET, 1)
    case "HEAD": _ = cc_set_long(easy, CURLOPT_NOBODY, 1)
    default: _ = cc_set_str(easy, CURLOPT_CUSTOMREQUEST, request.method)
    }
    let body = request.body ?? (["POST", "PUT", "PATCH"].contains(request.method) ? [] : nil)
    guard let body, request.method != "HEAD" else { return }
    // libcurl reads the bytes where they are, so they stay until the call has ended.
    let upload = UnsafeMutableRawBufferPointer.allocate(byteCount: body.count + 1, alignment: 1)
    upload.copyBytes(from: body)
    upload[body.count] = 0
    self.upload = upload
    request.body = nil
    _ = cc_set_ptr(easy, CURLOPT_POSTFIELDS, upload.baseAddress)
    _ = cc_set_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
  }

  private func setHeaders(_ easy: UnsafeMutableRawPointer) -> TransportFault.Kind? {
    // libcurl's own ideas of these two are left out.
    var lines = ["Expect:"]
    if request.header("content-type") == nil { lines.append("Content-Type:") }
    for (name, value) in request.headers {
      guard CurlTransfer.isName(name), CurlTransfer.isValue(value) else {
        return .request("a header field holds what none may")
      }
      lines.append(value.isEmpty ? name + ";" : "\(name): \(value)")
    }
    for line in lines {
      guard let longer = curl_slist_append(list, line) else { return .request("no memory") }
      list = longer
    }
    _ = cc_set_list(easy, CURLOPT_HTTPHEADER, list)
    request.headers = []
    return nil
  }

  /// RFC 9110, 5.6.2: a token.
  private static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
  }

  private static func isValue(_ value: String) -> Bool {
    value.utf8.allSatisfy { $0 >= 32 && $0 != 127 || $0 == 9 }
  }

  // MARK: Answer

  private func setCallbacks(_ easy: UnsafeMutableRawPointer) {
    let me = Unmanaged.passUnretained(self).toOpaque()
    _ = cc_set_ptr(easy, CURLOPT_PRIVATE, me)
    _ = cc_set_ptr(easy, CURLOPT_WRITEDATA, me)
    _ = cc_set_ptr(easy, CURLOPT_HEADERDATA, me)
    _ = cc_set_ptr(easy, CURLOPT_PREREQDATA, me)
    _ = cc_set_cb(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      CurlTransfer.of(context)?.take(
        body: UnsafeRawBufferPointer(start: bytes, count: size * count))
        ?? 0
    }
    _ = cc_set_cb(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      CurlTransfer.of(context)?.take(
        header: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
    _ = cc_set_prereq(easy) { context, _, _, _, _ in
      CurlTransfer.of(context)?.maySend() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
    context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Called each time a connection stands and the request is about to leave.
  ///
  /// libcurl sends a request again, whatever its method, when a kept connection dies without an
  /// answer; this is where it is stopped.
  private func maySend() -> Bool {
    let most = CurlTransfer.isRepeatable.contains(request.method) ? 2 : 1
    guard sendings < most else {
      stopped = .closed
      return false
    }
    sendings += 1
    sentAt = CurlTransfer.milliseconds()
    return true
  }

  private func take(body bytes: UnsafeRawBufferPointer) -> Int {
    lastByteAt = CurlTransfer.milliseconds()
    isBodyBegun = true
    guard body.count + bytes.count <= options.bodyBytesMost else {
      stopped = .tooLarge(.body)
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  private func take(header bytes: UnsafeRawBufferPointer) -> Int {
    lastByteAt = CurlTransfer.milliseconds()
    headerBytes += bytes.count
    headerCount += 1
    guard headerBytes <= limits.headerBytesMost, headerCount <= limits.headersMost + 2 else {
      stopped = .tooLarge(.headers)
      return 0
    }
    // Fields after the body (RFC 9112, 7.1.2) are counted but not kept.
    guard !isBodyBegun else { return bytes.count }
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      headers = []
    } else if let colon = line.firstIndex(of: ":") {
      let name = line[..<colon].lowercased()
      headers.append((name, CurlTransfer.trimmed(line[line.index(after: colon)...])))
    }
    return bytes.count
  }

  private static func trimmed(_ text: Substring) -> String {
    let isSpace = { (character: Character) in
      character == " " || character == "\t" || character == "\r\n" || character == "\n"
        || character == "\r"
    }
    var rest = text.drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return String(rest)
  }

  func result(_ code: CURLcode) -> Result<IncomingAnswer, TransportFault> {
    guard code == CURLE_OK else { return .failure(fault(stopped ?? kind(of: code))) }
    var status = 0
    if let easy { _ = cc_get_long(easy, CURLINFO_RESPONSE_CODE, &status) }
    guard (100...599).contains(status) else {
      return .failure(fault(.malformed("status \(status)")))
    }
    if (300...399).contains(status), status != 304 {
      return .failure(fault(.redirect(status: status)))
    }
    return .success(IncomingAnswer(status: status, headers: headers, body: body))
  }

  private func kind(of code: CURLcode) -> TransportFault.Kind {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: .dns
    case CURLE_COULDNT_CONNECT: .connect
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
    case CURLE_OPERATION_TIMEDOUT: .timeout(sendings == 0 ? .connect : .whole)
    case CURLE_PEER_FAILED_VERIFICATION: .tls(verification())
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH: .tls(.pinMismatch)
    case CURLE_SSL_CACERT_BADFILE: .tls(.authorityFile)
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER: .tls(.handshake)
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_HTTP2,
      CURLE_HTTP2_STREAM:
      .closed
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
      // An answer that is no HTTP/1 counts as a protocol of its own, "HTTP/0.9".
      sendings == 0 ? .request("the address cannot be used") : .malformed("it is no HTTP")
    default: sendings == 0 ? .connect : .malformed(String(cString: curl_easy_strerror(code)))
    }
  }

  /// What OpenSSL found: X509_V_ERR_CERT_NOT_YET_VALID is 9, …_HAS_EXPIRED is 10.
  ///
  /// libcurl looks at the name once the chain is good and leaves 0 or 1 where that fails.
  ///
  /// Source: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
  private func verification() -> TransportFault.TLSReason {
    var result = -1
    if let easy { _ = cc_get_long(easy, CURLINFO_SSL_VERIFYRESULT, &result) }
    switch result {
    case 0, 1: return .wrongHost
    case 9, 10: return .outOfDate
    default: return .untrusted
    }
  }
}

/// The parts of a URL that decide whether it may be used, as libcurl itself reads it.
struct Address {
  var scheme: String
  var host: String
  var hasUser: Bool

  init?(_ url: String) {
    guard let handle = curl_url() else { return nil }
    defer { curl_url_cleanup(handle) }
    guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK,
      let scheme = Address.part(handle, CURLUPART_SCHEME),
      let host = Address.part(handle, CURLUPART_HOST)
    else { return nil }
    self.scheme = scheme.lowercased()
    self.host = host.lowercased()
    hasUser = Address.part(handle, CURLUPART_USER) != nil
  }

  static func part(_ handle: OpaquePointer, _ part: CURLUPart) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }

  var isLoopback: Bool { Address.isLoopback(host) }

  /// Whether a host is this machine: by name, or all of 127.0.0.0/8 (RFC 1122, 3.2.1.3), or ::1.
  static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { part in
        part.utf8.allSatisfy { (48...57).contains($0) } && UInt8(part) != nil
      }
  }
}

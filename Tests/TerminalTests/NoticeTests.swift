import Testing

@testable import Terminal

@Suite struct NoticeTests {
  private static let evil = "a\u{1B}]52;c;cGFzdGU=\u{7}b\u{9C}c\u{202E}d\n;e"

  @Test func `no text can end the sequence or begin another`() {
    for form in [Terminal.NoticeForm.osc9, .osc777, .osc99] {
      let bytes = form.bytes(title: NoticeTests.evil, text: NoticeTests.evil)
      let starts = bytes.count { $0 == 0x1B }
      // Each sequence has one escape at its start; two end with one more and a backslash.
      #expect(starts == (form == .osc9 ? 1 : form == .osc777 ? 2 : 4))
      #expect(bytes.count { $0 == 7 } == (form == .osc9 ? 1 : 0))
      #expect(!bytes.contains(10))
    }
  }

  @Test func `the forms are as terminals document them`() {
    func text(_ form: Terminal.NoticeForm) -> String {
      String(decoding: form.bytes(title: "Coffer", text: "BTC fell"), as: UTF8.self)
    }
    #expect(text(.osc9) == "\u{1B}]9;Coffer: BTC fell\u{7}")
    #expect(text(.osc777) == "\u{1B}]777;notify;Coffer;BTC fell\u{1B}\\")
    // Base64 by hand: printf Coffer | base64.
    #expect(
      text(.osc99)
        == "\u{1B}]99;i=coffer:e=1:d=0:p=title;Q29mZmVy\u{1B}\\"
        + "\u{1B}]99;i=coffer:e=1:d=1:p=body;QlRDIGZlbGw=\u{1B}\\")
    #expect(text(.none).isEmpty)
  }
}

import Encodings
import Testing

@Suite struct EIP712Tests {
  /// https://eips.ethereum.org/assets/eip-712/Example.js, the test of the proposal itself.
  private static let mail = EIP712(
    domain: [
      "name": "Ether Mail", "version": "1", "chainId": 1,
      "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
    ],
    types: [
      "Person": [EIP712.Field("name", "string"), EIP712.Field("wallet", "address")],
      "Mail": [
        EIP712.Field("from", "Person"), EIP712.Field("to", "Person"),
        EIP712.Field("contents", "string"),
      ],
    ],
    primary: "Mail",
    message: [
      "from": ["name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"],
      "to": ["name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"],
      "contents": "Hello, Bob!",
    ])

  @Test func `the proposal's own example gives its digest`() throws {
    let type = try EIP712Tests.mail.typeText("Mail")
    #expect(
      type
        == "Mail(Person from,Person to,string contents)Person(string name,address wallet)")
    let digest = try EIP712Tests.mail.digest()
    #expect(
      Hex.text(digest) == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2")
  }

  @Test func `arrays of structs and integers of every width are encoded`() throws {
    // Orders of GRVT: its published type, a domain without a contract, and the bytes that ethers
    // 5.7's TypedDataEncoder.encode gives for this message.
    let order = EIP712(
      domain: ["name": "GRVT Exchange", "version": "0", "chainId": 325],
      types: [
        "Order": [
          EIP712.Field("subAccountID", "uint64"), EIP712.Field("isMarket", "bool"),
          EIP712.Field("timeInForce", "uint8"), EIP712.Field("postOnly", "bool"),
          EIP712.Field("reduceOnly", "bool"), EIP712.Field("legs", "OrderLeg[]"),
          EIP712.Field("nonce", "uint32"), EIP712.Field("expiration", "int64"),
        ],
        "OrderLeg": [
          EIP712.Field("assetID", "uint256"), EIP712.Field("contractSize", "uint64"),
          EIP712.Field("limitPrice", "uint64"), EIP712.Field("isBuyingContract", "bool"),
        ],
      ],
      primary: "Order",
      message: [
        "subAccountID": "2147050003876484", "isMarket": false, "timeInForce": 1,
        "postOnly": true, "reduceOnly": false,
        "legs": [
          [
            "assetID": "0x031501", "contractSize": 6_000_000, "isBuyingContract": true,
            "limitPrice": 930_000_000,
          ]
        ],
        "nonce": 1_735_689_600, "expiration": "1735689630123000000",
      ])
    let bytes = try order.encoding()
    #expect(
      Hex.text(bytes)
        == "190172fe716bb0105cb5a449731f4eb044bed644eb0d796360108a39c47064e17247"
        + "afdbaee20c786f759e923ee4b2ca1115e7d8d68e92c2d9f70b2e6ba183a9f133")
  }

  @Test(arguments: [
    ("uint8", "255", true), ("uint8", "256", false), ("uint8", "-1", false),
    ("uint8", "0xff", true), ("int8", "127", true), ("int8", "128", false),
    ("int8", "-128", true), ("int8", "-129", false), ("uint7", "1", false),
    ("uint256", "1.0", false), ("uint256", "", false),
  ])
  func `an integer is taken only where it fits its type`(
    type: String, value: String, isTaken: Bool
  ) {
    let data = EIP712(
      domain: [:], types: ["T": [EIP712.Field("x", type)]], primary: "T",
      message: ["x": .string(value)])
    let bytes = try? data.encoding()
    #expect((bytes != nil) == isTaken)
  }

  @Test func `types that contain themselves end in a fault`() {
    let data = EIP712(
      domain: [:], types: ["T": [EIP712.Field("t", "T")]], primary: "T", message: ["t": [:]])
    #expect(throws: SigningFault.self) { try data.encoding() }
  }
}

import Foundation
import Testing

@testable import Cipher

/// Source: the reference tree of Certificate Transparency,
/// https://github.com/transparency-dev/merkle/blob/main/testonly/constants.go.
private enum Reference {
  static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ].map(bytes(hex:))
  static let emptyRoot = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  static let roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]
  static let consistency: [(old: Int, new: Int, proof: [String])] = [
    (1, 1, []),
    (
      1, 8,
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ]
    ),
    (
      6, 8,
      [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]
    ),
    (
      2, 5,
      [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ]
    ),
  ]
  static let inclusion: [(index: Int, size: Int, proof: [String])] = [
    (
      0, 8,
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ]
    ),
    (
      5, 8,
      [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]
    ),
  ]

  static var leafHashes: [Digest] {
    var hasher = MerkleHasher()
    var hashes: [Digest] = []
    for leaf in leaves { hashes.append(hasher.leaf(leaf)) }
    return hashes
  }
}

private func digests(_ texts: [String]) -> [Digest] { texts.compactMap { Digest(bytes(hex: $0)) } }

struct DigestTests {
  /// Source: FIPS 180-2, appendix B.1 and B.2.
  @Test(arguments: [
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `messages hash as FIPS 180 says, whole and in pieces`(_ text: String, expected: String) {
    #expect(Digest.sha256(Array(text.utf8)).description == expected)
    var hasher = DigestHasher()
    for _ in 0..<2 {  // a hasher starts anew after each digest
      for byte in text.utf8 { hasher.update(byte) }
      #expect(hasher.finish().description == expected)
    }
  }
}

struct MerkleTests {
  @Test func `roots are those of the reference tree`() throws {
    var hasher = MerkleHasher()
    var frontier = MerkleFrontier()
    #expect(frontier.root(&hasher).description == Reference.emptyRoot)
    for (index, leaf) in Reference.leaves.enumerated() {
      frontier.append(hasher.leaf(leaf), &hasher)
      #expect(frontier.root(&hasher).description == Reference.roots[index])
      #expect(frontier.size == UInt64(index) + 1)
      frontier = try #require(MerkleFrontier(bytes: frontier.bytes))
    }
  }

  @Test func `a frontier of impossible bytes is refused`() {
    #expect(MerkleFrontier(bytes: []) == nil)
    #expect(MerkleFrontier(bytes: [0, 0, 0, 0, 0, 0, 0, 1]) == nil)
    #expect(MerkleFrontier(bytes: [UInt8](repeating: 0, count: 40)) == nil)
  }

  @Test func `proofs are those of the reference tree`() {
    let leaves = Reference.leafHashes
    for (old, new, proof) in Reference.consistency {
      #expect(MerkleProof.consistency(from: old, in: Array(leaves[..<new])) == digests(proof))
    }
    for (index, size, proof) in Reference.inclusion {
      #expect(MerkleProof.inclusion(of: index, in: Array(leaves[..<size])) == digests(proof))
    }
  }

  @Test func `every proof of trees up to 70 leaves holds, and no altered one does`() throws {
    var hasher = MerkleHasher()
    var leaves: [Digest] = []
    for index in 0..<70 { leaves.append(hasher.leaf([UInt8(index)])) }
    let wrong = Digest.sha256([1])
    for size in 1...leaves.count {
      let tree = Array(leaves[..<size])
      let root = MerkleProof.root(of: tree[...])
      for index in 0..<size {
        let proof = MerkleProof.inclusion(of: index, in: tree)
        func holds(_ proof: [Digest], _ leaf: Digest, _ index: Int, _ size: Int) -> Bool {
          MerkleProof.isIncluded(
            proof, leaf: leaf, index: UInt64(index), size: UInt64(size), root: root)
        }
        #expect(holds(proof, tree[index], index, size))
        #expect(!holds(proof, wrong, index, size))
        #expect(!holds(proof + [wrong], tree[index], index, size))
        #expect(!holds(Array(proof.dropLast()), tree[index], index, size) || proof.isEmpty)
        #expect(!holds(proof, tree[index], index + 1, size))
        #expect(!holds(proof, tree[index], size, size))
      }
      for old in 1...size {
        let proof = MerkleProof.consistency(from: old, in: tree)
        let oldRoot = MerkleProof.root(of: tree[..<old])
        func holds(_ proof: [Digest], _ oldRoot: Digest, _ newRoot: Digest) -> Bool {
          MerkleProof.isConsistent(
            proof, oldSize: UInt64(old), oldRoot: oldRoot, newSize: UInt64(size), newRoot: newRoot)
        }
        #expect(holds(proof, oldRoot, root))
        #expect(!holds(proof, wrong, root) && !holds(proof, oldRoot, wrong))
        #expect(!holds(proof + [wrong], oldRoot, root))
        if let last = proof.indices.last {
          var altered = proof
          altered[last] = wrong
          #expect(!holds(altered, oldRoot, root) && !holds([], oldRoot, root))
        }
      }
    }
  }
}

/// Source: RFC 8032, section 7.1, tests 1 to 3.
struct Ed25519Tests {
  @Test(arguments: [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
  ])
  func `signatures are those of RFC 8032`(
    _ seed: String, publicKey: String, message: String, expected: String
  ) throws {
    let key = try SigningKey(seed: secret(bytes(hex: seed)))
    #expect(hex(key.publicKey.bytes) == publicKey)
    var signature = try key.sign(bytes(hex: message))
    #expect(hex(signature) == expected)
    #expect(key.publicKey.isValid(signature, for: bytes(hex: message)))
    #expect(!key.publicKey.isValid(signature, for: bytes(hex: message) + [0]))
    signature[5] ^= 1
    #expect(!key.publicKey.isValid(signature, for: bytes(hex: message)))
    #expect(!key.publicKey.isValid([], for: []))
  }
}

/// Source: the example of Go's package golang.org/x/mod/sumdb/note, which C2SP signed-note follows.
struct SignedNoteTests {
  static let verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  static let seed = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
  static let body = """
    If you think cryptography is the answer to your problem,
    then you don't know what your problem is.

    """
  static let line =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="

  @Test func `the example note is made byte for byte, and read`() throws {
    let verifier = try #require(NoteVerifier(text: Self.verifier))
    #expect(verifier.text == Self.verifier)
    let seed = try #require(Data(base64Encoded: Self.seed))
    let key = try SigningKey(seed: secret(Array(seed.dropFirst())))
    let note = try SignedNote(signing: Self.body, name: "PeterNeumann", key: key)
    #expect(note.text == Self.body + "\n" + Self.line + "\n")
    #expect(SignedNote(text: note.text) == note)
    #expect(note.isSigned(by: verifier))
  }

  @Test func `an altered note is not signed`() throws {
    let verifier = try #require(NoteVerifier(text: Self.verifier))
    let text = Self.body.replacingOccurrences(of: "answer", with: "Answer")
    let note = try #require(SignedNote(text: text + "\n" + Self.line + "\n"))
    #expect(!note.isSigned(by: verifier))
    #expect(NoteVerifier(text: Self.verifier.replacingOccurrences(of: "c74f", with: "c74e")) == nil)
  }

  @Test(arguments: ["", "\n", "text\n", "text\n\n", "text\n\nnot a signature\n", "a\u{1b}[2J\n\n"])
  func `what is not a note is refused`(_ text: String) {
    #expect(SignedNote(text: text) == nil)
  }

  @Test func `a checkpoint is signed and read by those who know the log`() throws {
    let key = try SigningKey(seed: SecretBytes(randomCount: 32))
    let root = try #require(Digest(bytes(hex: Reference.roots[7])))
    let checkpoint = try #require(Checkpoint(origin: "coffer/vault-1", size: 8, root: root))
    let note = try checkpoint.signed(with: key)
    let lines = note.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0...1] == ["coffer/vault-1", "8"] && lines[3] == "")
    #expect(lines[2].hasPrefix("Xcnaeac"))  // the root begins 5d c9 da 79 a7
    let verifier = try #require(NoteVerifier(name: "coffer/vault-1", key: key.publicKey))
    #expect(Checkpoint(note: note.text, verifier: verifier) == checkpoint)
    let other = try #require(NoteVerifier(name: "coffer/vault-2", key: key.publicKey))
    #expect(Checkpoint(note: note.text, verifier: other) == nil)
    let grown = note.text.replacingOccurrences(of: "\n8\n", with: "\n9\n")
    #expect(Checkpoint(note: grown, verifier: verifier) == nil)
  }

  @Test(arguments: ["", "a\n1\n", "a\n01\nXcnaeacG\n", "a b\n1\nAAAA\n", "a\n-1\nAAAA\n"])
  func `what is not a checkpoint is refused`(_ text: String) {
    #expect(Checkpoint(text: text) == nil)
  }
}

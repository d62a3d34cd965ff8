// Cipher: everything of Coffer that needs libcrypto, and the only target that may import it.
//
// Three parts. `CipherVFS` lets stock SQLite keep its files in the SQLCipher 4 format. `KeySlots`
// is the header that turns a passphrase or a recovery code into the root key, from which all other
// keys are derived. The audit part hashes records into a Merkle tree and signs its heads.
//
// Always: a secret lives in `SecretBytes`, encryption is authenticated, random comes from libcrypto.
// Never: a page, log frame or journal record in plain on a disk; a secret in an error or a String.
//
// Read in this order: Secrets/SecretBytes, Pages/PageFormat, PageCodec, MainFile, LogFile,
// JournalFile, CipherVFS, Diagnosis; Slots/KeySlots; Audit/MerkleTree, Checkpoint.

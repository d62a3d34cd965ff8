// Wallets: what is only watched. Extended public keys, output descriptors and addresses in; the
// addresses they stand for, questions to chain nodes and what the answers mean out.
//
// Always: amounts are whole numbers of a chain's smallest unit; a text that a chain gave is data;
// what a node says nothing about is unknown, never zero.
// Never: a private key or a seed phrase kept, shown or put into a fault; a checksum guessed right;
// a reading of the network, the clock or a file in here.
//
// Everything that needs a hash or the curve takes `SigningTools`. Readers give `ChainCall`s: a
// request and the function that reads its answer. Sending is somebody else's.
//
// Read in this order: Numbers/UInt256, ChainAmount; Keys/ExtendedKey, KeyVersion; Addresses/Coin,
// AddressRule; Descriptors/Descriptor; Watching/WatchedWallet, GapScan, TokenScreen; Chains/
// ChainCall, then one file a family; DeFi/ABI, then one file a protocol.

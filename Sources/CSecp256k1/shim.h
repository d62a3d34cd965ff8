/* libsecp256k1: curve arithmetic for account keys and for venues that sign with a wallet's key. */
#ifndef COFFER_SECP256K1_SHIM_H
#define COFFER_SECP256K1_SHIM_H
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_recovery.h>

/* Flags that Swift does not import from their macros. */
static inline secp256k1_context *coffer_secp256k1_context(void) {
  return secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
}
static inline int coffer_secp256k1_serialize(
    const secp256k1_context *c, unsigned char *out, size_t *size, const secp256k1_pubkey *key,
    int is_compressed) {
  return secp256k1_ec_pubkey_serialize(
      c, out, size, key, is_compressed ? SECP256K1_EC_COMPRESSED : SECP256K1_EC_UNCOMPRESSED);
}
#endif

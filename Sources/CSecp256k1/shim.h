/* libsecp256k1: curve arithmetic for account keys and for venues that sign with a wallet's key. */
#ifndef COFFER_SECP256K1_SHIM_H
#define COFFER_SECP256K1_SHIM_H
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_recovery.h>
#endif

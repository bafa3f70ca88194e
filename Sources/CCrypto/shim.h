// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <openssl/aes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

// Front page of Cipher.

// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import PayloadCodec

// A codec worker is this same binary: it must not become anything else.
CodecWorker.runIfRequested()
let code = await Program.run(Array(CommandLine.arguments.dropFirst())).rawValue
// Without exit handlers: those of OpenSSL take away what threads that still run may use.
fflush(nil)
_exit(code)

// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import PayloadCodec

// A codec worker is this same binary: it must not become anything else.
CodecWorker.runIfRequested()
exit(await Program.run(Array(CommandLine.arguments.dropFirst())).rawValue)

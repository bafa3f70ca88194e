// SPDX-License-Identifier: Apache-2.0
import Glibc
import PayloadCodec

CodecWorker.runIfRequested()
if CommandLine.arguments.dropFirst().first == "codec" {
    exit(await CodecCommand.main(arguments: Array(CommandLine.arguments.dropFirst(2))))
}

// SPDX-License-Identifier: Apache-2.0
internal import CCurl

/// Transfers that run together on one thread, and the connections they share.
struct CurlMulti: ~Copyable {
    private let raw: UnsafeMutableRawPointer

    init() throws(RANError) {
        try CurlLibrary.check()
        guard let raw = curl_multi_init() else { throw .unsupportedLibrary("libcurl has no memory for transfers") }
        self.raw = raw
    }

    /// Every transfer must have been removed.
    deinit { curl_multi_cleanup(raw) }

    func add(_ transfer: borrowing CurlEasy) {
        let result = curl_multi_add_handle(raw, transfer.raw)
        precondition(result == CURLM_OK, "libcurl refuses a transfer: \(result.rawValue)")
    }

    func remove(_ transfer: borrowing CurlEasy) {
        curl_multi_remove_handle(raw, transfer.raw)
    }

    /// Moves every transfer on as far as it goes without waiting.
    func perform() {
        var running: Int32 = 0
        curl_multi_perform(raw, &running)
    }

    /// The next transfer that has ended since the last call, by its handle.
    func nextFinished() -> (transfer: UnsafeMutableRawPointer, result: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(raw, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let transfer = message.pointee.easy_handle else { continue }
            return (transfer, message.pointee.data.result)
        }
        return nil
    }

    /// Waits until a transfer can go on, `wake` is signalled, or the time is over.
    func wait(_ wake: WakeSignal, milliseconds: Int) {
        var extra = curl_waitfd(fd: wake.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        curl_multi_poll(raw, &extra, 1, Int32(clamping: milliseconds), nil)
        if extra.revents != 0 { wake.clear() }
    }
}

// The shapes that the field application's modules share. Only JSDoc: nothing here runs.

/**
 * Where this phone's store stands. "expired": the PIN was given, but the last contact is too long ago: unsent records
 * are safe and can be exported, nothing is shown until somebody signs in again (renew). "revoked": the office has
 * shut this phone out; what is unsent goes into quarantine at the next contact, then the store is destroyed.
 * @typedef {"new" | "locked" | "open" | "expired" | "revoked"} StoreState
 */

/**
 * kept: on this phone only. sent: on its way, no answer yet. applied: the server has it. refused: not taken, can be
 * corrected or tried again. conflict: kept by the server as evidence, a manager looks at it. quarantined: taken in
 * from a revoked phone. replaced: a corrected record went in its place.
 * @typedef {"kept" | "sent" | "applied" | "refused" | "conflict" | "quarantined" | "replaced"} OperationState
 */

/**
 * One kind of act; ROAD's list of kinds with their bodies.
 * @typedef {"register_sample" | "seal_sample" | "start_consignment" | "pack" | "unpack" | "record_document"
 *   | "record_dose_rate" | "dispatch" | "hand_over" | "record_event" | "receive_bag" | "finish_receipt"
 *   | "report_incident" | "open_bag" | "reseal_bag" | "report_lost" | "replace_tag" | "record_scale_check"
 *   | "add_photograph" | "split_consignment"} Kind
 */

/**
 * Times in ISO 8601 (UTC), decimals as text.
 * @typedef {Record<string, any>} Body
 */

/**
 * Where and when something happened.
 * @typedef {object} Here
 * @property {string} at ISO 8601, UTC
 * @property {string} [latitude] degrees
 * @property {string} [longitude] degrees
 * @property {string} [accuracy_m]
 * @property {string} [place]
 * @property {string} [note]
 */

/**
 * What the server said of an operation.
 * @typedef {object} Answer
 * @property {"applied" | "duplicate" | "conflict" | "rejected" | "quarantined"} answer
 * @property {string} code "" or a stable kebab-case code
 * @property {string} message in the server's words
 * @property {string} field the body's field that it is about, or ""
 * @property {string} what_to_do
 * @property {Record<string, any> | null} result
 */

/**
 * One operation as the screens see it. Names and document numbers of outsiders are shown as HIDDEN (outbox.js): they
 * cannot be read back, only replaced.
 * @typedef {object} Kept
 * @property {string} id UUIDv7
 * @property {number} sequence
 * @property {Kind} kind
 * @property {OperationState} state
 * @property {string} made_at ISO 8601, by the phone's clock
 * @property {Body} body
 * @property {Answer | null} answer
 * @property {number} kept_at milliseconds since 1970
 * @property {number | null} answered_at milliseconds since 1970
 * @property {string | null} photograph id of its photograph while the bytes are here
 */

/**
 * A photograph to go with a record: as the camera made it, or as photographs.prepare() did.
 * @typedef {Blob | {blob: Blob, taken_at?: string}} Picture
 */

/**
 * @typedef {object} AddOptions
 * @property {Picture[]} [photographs]
 * @property {string[]} [drafts] keys of drafts that this record ends; they go in the same transaction
 */

/**
 * @typedef {object} Counts
 * @property {number} unsent kept + sent
 * @property {number | null} oldest when the oldest unsent was kept, milliseconds since 1970
 * @property {number} refused
 * @property {Record<OperationState, number>} byState
 */

/**
 * @typedef {object} Meta
 * @property {{id: string, name: string}} person
 * @property {{id: string, name: string, kind?: string}[]} organisations
 * @property {{id: string, name: string}} device
 * @property {number} offlineUntil milliseconds since 1970, by the phone's clock
 * @property {number | null} lastSync milliseconds since 1970, by the phone's clock
 * @property {number} clockOffset seconds: this phone's clock less the server's, at the last contact
 */

/**
 * "elsewhere": another tab is sending. "waiting": the last try failed, the next comes at `next`.
 * @typedef {object} SyncNews
 * @property {"idle" | "sending" | "offline" | "waiting" | "elsewhere" | "closed"} state
 * @property {number} sent operations answered in this run
 * @property {number} of operations waiting when it began
 * @property {string} code why it stopped: "" or a code ("login-expired", "device-unknown", "network", …)
 * @property {number | null} next milliseconds since 1970
 */

/**
 * @typedef {object} Room
 * @property {number} usage bytes
 * @property {number} quota bytes
 * @property {boolean} persisted whether the browser has promised not to clear the store by itself
 * @property {{level: number, charging: boolean} | null} battery level 0…1; null where the browser does not tell
 */

/**
 * Encrypted text or bytes under the data key.
 * @typedef {{iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer}} Sealed
 */

/**
 * Encrypted for the server: all base64url without padding.
 * @typedef {{ephemeral: string, nonce: string, ciphertext: string}} Envelope
 */

/**
 * What this phone is, kept sealed.
 * @typedef {object} Identity
 * @property {string} token
 * @property {{id: string, name: string}} person
 * @property {{id: string, name: string, kind?: string}[]} organisations
 * @property {{id: string, name: string}} device
 * @property {string} seed the private Ed25519 key, base64url
 * @property {string} publicKey base64url
 * @property {string} serverKey raw P-256 point, base64url
 */

/** @typedef {{salt: Uint8Array<ArrayBuffer>, rounds: number, iv: Uint8Array<ArrayBuffer>, wrapped: ArrayBuffer}} Lock */
/** @typedef {{failures: number, since: number, until: number}} Tries */

/**
 * Plain words about the login: nothing of what was recorded.
 * @typedef {object} Login
 * @property {number} offlineDays
 * @property {number} offlineUntil milliseconds since 1970
 * @property {number} seenAt the latest time that this phone has seen; a clock put back gains nothing
 * @property {number | null} lastSync
 * @property {number} clockOffset seconds
 * @property {boolean} revoked
 */

/**
 * An operation in the store: plain are only numbers, the random id, state and times.
 * @typedef {object} OperationRow
 * @property {number} sequence
 * @property {string} id
 * @property {OperationState} state
 * @property {number} [waiting] = sequence while the server has not answered (kept, sent)
 * @property {number} size bytes of the sealed content
 * @property {number} kept_at
 * @property {number} [sent_at]
 * @property {number} [answered_at]
 * @property {string} [photograph]
 * @property {number} [replaced_by] sequence of the record that went in its place
 * @property {Sealed} sealed Content
 * @property {Sealed} [answer] Answer
 */

/**
 * What is sealed of an operation: as it was signed until the server has it, then only a card without outsiders' names.
 * @typedef {{payload: string, signature: string} | {card: {id: string, kind: Kind, made_at: string, body: Body}}} Content
 */

/** @typedef {{id: string, sequence: number, size: number, sealed: Sealed}} PhotographRow */

/** One row of reference data: has an id. @typedef {{id: string, [field: string]: any}} Row */

export {};

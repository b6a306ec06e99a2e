/**
 * The NSDB as a gRPC service. {@code NsdbService} answers calls; what a request means is in the operations
 * ({@code FsnOperations}, {@code FslOperations}, {@code NamespaceOperations}, {@code AnnotationOperations},
 * {@code Transactions}): each checks the request's form at once and gives a write that the store runs, so a single call and an
 * operation of a transaction are the same code. {@code Checks} knows the limits, {@code Records} and {@code Messages} turn
 * messages into records and back.
 *
 * <p>Every failure leaves through {@code io.fedfs.service}, which alone knows gRPC status codes. {@code WatchHub} tells
 * watchers what was committed, on one thread for all of them. {@link io.fedfs.nsdb.server.NsdbServer} puts it together and
 * listens.
 *
 * <p>Threading: calls run on a bounded pool; reads are answered on it, writes are handed to the store and answered on it when
 * they are durable. No lock is held while anything is awaited.
 */
package io.fedfs.nsdb.server;

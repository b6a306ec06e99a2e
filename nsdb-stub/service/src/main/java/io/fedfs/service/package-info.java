/**
 * What every daemon of the federation that serves gRPC has in common: where it listens ({@link
 * io.fedfs.service.ListenAddress}, {@link io.fedfs.service.ListenOptions}), within which bounds ({@link io.fedfs.service.Transport}, {@link io.fedfs.service.CallThreads}),
 * how a failure reaches the client ({@link io.fedfs.service.ServiceException}, {@link io.fedfs.service.FailureInterceptor}),
 * how a whole server starts and ends ({@link io.fedfs.service.RunningServer}), and the frame of its command ({@link
 * io.fedfs.service.CommandFrame}).
 *
 * <p>Nothing here knows what is served. A failure leaves a service as a {@code ServiceException}; {@code FailureInterceptor}
 * alone knows gRPC status codes, and what nobody foresaw becomes SVRFAULT with its stack in the log.
 */
package io.fedfs.service;

/**
 * What the agent is in the middle of, on disk. An intent is durable before the first step of what it stands for and goes after
 * the last one; whatever is found at the start was interrupted. One agent at a time has a state directory.
 */
package io.fedfs.fileserver.journal;

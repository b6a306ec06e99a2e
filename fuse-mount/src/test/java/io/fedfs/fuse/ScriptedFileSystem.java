package io.fedfs.fuse;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A file system for tests: answers as told, 0 where nothing was told, and writes down what it was asked. */
public final class ScriptedFileSystem {
    /** One answer; {@code args} are the call's, the request among them. */
    @FunctionalInterface
    public interface Answer {
        long answer(Request rq, Object[] args);
    }

    public final List<String> calls = new ArrayList<>();
    private final Map<String, Answer> answers = new HashMap<>();
    private final boolean recording;

    /** @param recording whether {@link #calls} is kept */
    public ScriptedFileSystem(boolean recording) {
        this.recording = recording;
    }

    /** Every request counts against this limit. */
    public volatile Bulkhead bulkhead;

    public ScriptedFileSystem on(String operation, Answer answer) {
        answers.put(operation, answer);
        return this;
    }

    public FileSystem fileSystem() {
        return (FileSystem)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {FileSystem.class}, this::called);
    }

    private Object called(Object proxy, Method method, Object[] args) throws InvocationTargetException {
        if (method.getName().equals("bulkhead")) {
            return bulkhead;
        }
        if (recording) {
            calls.add(Stream.of(args)
                    .filter(a -> !(a instanceof Request))
                    .map(String::valueOf)
                    .collect(Collectors.joining(" ", method.getName() + " ", ""))
                    .strip());
        }
        Answer answer = answers.get(method.getName());
        long r = answer == null ? 0 : answer.answer(args[0] instanceof Request rq ? rq : null, args);
        if (method.getReturnType() == long.class) {
            return r;
        }
        return method.getReturnType() == int.class ? (Object) (int) r : null;
    }
}

"""Where runs are executed: a Dask cluster, a local worker process unless told otherwise.

The server never loads TensorFlow; it asks a worker. A task's key is the digest of its spec,
so equal requests are trained once, and Dask replaces a worker that dies. With Dask's own
``DASK_SCHEDULER_ADDRESS`` set, the same code runs on that cluster.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lesson.errors import LessonError
from lesson.results import Progress, Run
from lesson.runs import RunStore
from lesson.specs import RunSpec

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 15
# A reader whose page has not asked for so long has gone, and no longer holds a run.
READER_SECONDS = 4.0
JOBS_KEPT = 200
ENDED = "ended"  # the stage of the last that a training tells, however it ends; not if it dies
MEASURED = "-robustness"  # ends the key of a job that measures instead of training
# Dask has its workers give every freed piece of memory back at once, and ask for it again for the
# next batch: trainings took 1.4 to 2.8 times as long. These keep it; only glibc reads them.
KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(256 << 20), "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}

WAITING, RUNNING, FINISHED, FAILED, CANCELLED = (
    "waiting",
    "running",
    "finished",
    "failed",
    "cancelled",
)


@dataclass(eq=False)
class Job:
    """One piece of work that readers wait for. Read it freely; only the trainer writes it.

    ``progress`` is the last that was heard, ``points`` all that drew the curves: one
    :class:`Progress` for each event of the training that is going on. ``begun`` holds when it was
    begun: more than once if its worker died; ``ended``, that it came to an end by itself.
    """

    key: str
    spec: RunSpec
    state: str = WAITING
    progress: Progress | None = None
    points: list[Progress] = field(default_factory=list)
    begun: set[float] = field(default_factory=set)
    ended: bool = False
    message: str = ""
    readers: dict[str, float] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    future: Any = None

    @property
    def done(self) -> bool:
        return self.state in (FINISHED, FAILED, CANCELLED)


class Trainer:
    """Trains runs for all readers of one server."""

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._jobs: dict[str, Job] = {}
        self._lock = threading.RLock()
        # Starting the cluster and talking to it take time that no page should wait for.
        self._control = ThreadPoolExecutor(1, thread_name_prefix="trainer")
        self._client: Client | None = None
        self._cluster: LocalCluster | None = None
        self._worker: subprocess.Popen[bytes] | None = None
        self._folder: str | None = None
        self._warmed = self._reviving = self._closed = False
        atexit.register(self.close)

    # What readers ask

    def warm(self) -> None:
        """Start the worker and let it load TensorFlow while the reader reads; returns at once."""
        with self._lock:
            if self._warmed or self._closed:
                return
            self._warmed = True
            self._control.submit(self._warm)

    def train(self, spec: RunSpec, reader: str = "") -> Job:
        """Ask for a run. The same spec asked for twice is trained once.

        Raises:
            SpecError: the run cannot be made.
        """
        spec.check()
        return self._ask(spec.digest, spec, reader)

    def measure(self, spec: RunSpec, reader: str = "") -> Job:
        """Ask how a finished run answers on changed digits; see :meth:`RunStore.robustness`.

        Raises:
            LessonError: its network is too large for that.
        """
        from lesson.robustness import affordable

        affordable(spec.network)
        return self._ask(f"{spec.digest}{MEASURED}", spec, reader)

    def job(self, spec: RunSpec, reader: str = "", measured: bool = False) -> Job | None:
        """The work on this spec that goes on or has just ended; who looks on waits for it too."""
        with self._lock:
            job = self._jobs.get(f"{spec.digest}{MEASURED}" if measured else spec.digest)
            if job is None or job.done:
                return job
            if reader and reader not in job.withdrawn:
                job.readers[reader] = time.monotonic()
            if job.withdrawn:
                self._end_if_unwanted(job)
            if self._worker_is_gone and not self._reviving:
                self._reviving = True
                self._control.submit(self._revive)
            return job

    def waited_for(self, reader: str) -> list[Job]:
        """The work that a reader has asked for and that is not done yet."""
        with self._lock:
            return [job for job in self._jobs.values() if not job.done and reader in job.readers]

    def ahead(self, job: Job) -> int:
        """How many runs that were asked for earlier are not done yet."""
        with self._lock:
            waiting = [other for other in self._jobs.values() if not other.done]
            return waiting.index(job) if job in waiting else 0

    def cancel(self, job: Job, reader: str = "") -> bool:
        """Withdraw a reader's request; the work ends when nobody waits for it any more.

        Returns:
            Whether it ended; ``False`` means that it goes on for others.
        """
        with self._lock:
            job.withdrawn.add(reader)
            job.readers.pop(reader, None)
            if not job.done:
                self._end_if_unwanted(job)
            return job.done

    def _end_if_unwanted(self, job: Job) -> None:
        now = time.monotonic()
        if any(now - seen < READER_SECONDS for seen in job.readers.values()):
            return
        job.state = CANCELLED
        future, job.future = job.future, None
        if future is not None:
            # Releasing, unlike cancelling, is counted: another server's readers keep their run,
            # and the same run can be asked for again at once.
            self._control.submit(future.release)
            self._control.submit(self._unsubscribe, job)

    def close(self) -> None:
        """End the worker and the connection; nothing stays behind."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        atexit.unregister(self.close)
        self._control.shutdown(wait=True, cancel_futures=True)
        self._disconnect()

    # What the control thread does

    def _ask(self, key: str, spec: RunSpec, reader: str) -> Job:
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.done:
                self._jobs.pop(key, None)
                job = self._jobs[key] = Job(key, spec)
                self._forget()
                self._warmed = True  # the first training warms the worker itself
                self._control.submit(self._start, job)
            job.readers[reader] = time.monotonic()
            job.withdrawn.discard(reader)
            return job

    def _forget(self) -> None:
        done = [key for key, job in self._jobs.items() if job.done]
        for key in done[: max(0, len(self._jobs) - JOBS_KEPT)]:
            del self._jobs[key]

    def _warm(self) -> None:
        try:
            future = self._connected().submit(_warm_task, key="warm", priority=-1)
            # Kept until done: Dask drops work whose future nobody holds.
            future.add_done_callback(lambda done: done.release())
        except Exception:
            self._warmed = False
            logger.exception("The training worker could not be warmed")

    def _start(self, job: Job) -> None:
        if job.done:
            return
        try:
            client = self._connected()
            client.subscribe_topic(job.key, lambda event: self._heard(job, event))
            task: Callable[..., Any] = _train_task
            extra: tuple[Any, ...] = ()
            if job.key.endswith(MEASURED):
                run = self.store.find(job.spec)
                if run is None or run.weights is None:
                    raise LessonError("Only a finished run that keeps its network can be measured.")
                task, extra = _measure_task, (run.weights,)
            future = client.submit(task, job.spec, *extra, key=job.key, pure=True)
            with self._lock:
                if job.state == CANCELLED:
                    future.release()
                    return
                job.future = future
            # Another server on the same cluster may have begun it: show what it told so far.
            told = client.get_events(job.key) or ()
            for event in told:
                self._heard(job, event)
            if told and told[-1][1].get("stage") == ENDED:  # all of it was another training's
                with self._lock:
                    job.points, job.progress = [], None
            future.add_done_callback(lambda done: self._ended(job, done))
        except Exception as error:
            self._fail(job, error)

    @property
    def _worker_is_gone(self) -> bool:
        """Whether the local worker's keeper died too; Dask replaces only the worker itself."""
        return self._worker is not None and self._worker.poll() is not None

    def _revive(self) -> None:
        """Begin all unfinished work again on a new worker."""
        with self._lock:
            unfinished = [job for job in self._jobs.values() if not job.done]
            for job in unfinished:
                job.future, job.state, job.progress = None, WAITING, None
        for job in unfinished:
            self._start(job)
        self._reviving = False

    def _heard(self, job: Job, event: tuple[float, Any]) -> None:
        when, told = event
        progress = Progress(**{f.name: told[f.name] for f in fields(Progress) if f.name in told})
        with self._lock:
            if job.done:
                return
            if progress.stage == ENDED:
                job.ended = True
                return
            job.state = RUNNING
            job.progress = progress
            if progress.stage == "preparing":
                job.points = []  # begun anew, for instance after its worker died
                if job.ended:  # the training before this one did not die
                    job.begun, job.ended = set(), False
                job.begun.add(when)  # what is heard twice was still told once
            elif progress not in job.points[-1:]:
                job.points.append(progress)

    def _ended(self, job: Job, future: Future) -> None:
        """Keep what came back. Called by Dask in a thread of its own."""
        if job.done or job.future is not future or self._closed:
            return
        try:
            result = future.result()
            if isinstance(result, Run):
                self.store.save(result)
            else:
                self.store.save_robustness(job.spec.digest, result)
            with self._lock:
                job.state = FINISHED
        except Exception as error:
            if type(error).__name__ == "Cancelled" and not job.done:
                # Cancelled for an earlier reader, asked for again before it had stopped.
                self._control.submit(future.retry)
                future.add_done_callback(lambda done: self._ended(job, done))
                return
            self._fail(job, error)
        finally:
            if job.done:
                job.future = None
                self._control.submit(self._unsubscribe, job)

    def _unsubscribe(self, job: Job) -> None:
        if self._client is not None:
            # A newer job of the same key may have taken it over.
            with contextlib.suppress(ValueError):
                self._client.unsubscribe_topic(job.key)

    def _fail(self, job: Job, error: Exception) -> None:
        logger.warning("Run %s failed: %r", job.key, error)
        with self._lock:
            if not job.done:
                job.message, job.state = _sentence(error), FAILED

    def _connected(self) -> Client:
        """The client, with a cluster behind it; either is started or replaced when needed."""
        import dask
        from distributed import Client, LocalCluster

        connected = self._client is not None and self._client.status == "running"
        if self._client is not None and connected and not self._worker_is_gone:
            return self._client
        self._disconnect()
        address = dask.config.get("scheduler-address", None)
        if address:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
            return self._client
        self._folder = tempfile.mkdtemp(prefix="cnn-classroom-")
        # On loopback only, without the dashboard or any page of its own.
        quiet = {"temporary-directory": self._folder, "distributed.scheduler.http.routes": []}
        with dask.config.set(quiet):
            self._cluster = LocalCluster(
                n_workers=0,
                host="127.0.0.1",
                protocol="tcp://",
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.ERROR,
            )
        self._client = Client(self._cluster, timeout=CONNECT_SECONDS, set_as_default=False)
        self._worker = self._started_worker(self._cluster.scheduler_address, self._folder)
        return self._client

    def _started_worker(self, scheduler: str, folder: str) -> subprocess.Popen[bytes]:
        """One worker, started by Dask's own command: the server's main module is not run again."""
        return subprocess.Popen(
            [
                sys.executable, "-m", "dask", "worker", scheduler,
                "--host", "127.0.0.1", "--nworkers", "1", "--nthreads", "1",
                "--memory-limit", "0", "--no-dashboard", "--death-timeout", "5",
                "--local-directory", folder,
            ],
            cwd=Path(__file__).resolve().parent.parent,
            env={**KEEP_MEMORY, **os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _disconnect(self) -> None:
        client, cluster, worker = self._client, self._cluster, self._worker
        self._client = self._cluster = self._worker = None
        if worker is not None:
            _kill_family(worker)
        for connection in (client, cluster):
            if connection is not None:
                try:
                    connection.close(timeout=5)
                except Exception:
                    logger.debug("Closing the cluster", exc_info=True)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _kill_family(parent: subprocess.Popen[bytes]) -> None:
    """End a process and its children at once: they hold nothing that is worth waiting for."""
    import psutil

    try:
        children = psutil.Process(parent.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        children = []
    parent.kill()  # first, so that it does not replace a child
    for child in children:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
    parent.wait()
    psutil.wait_procs(children, timeout=5)


def _sentence(error: Exception) -> str:
    """What went wrong and what to do, for the reader."""
    name = type(error).__name__
    if isinstance(error, LessonError):
        return str(error)
    if name == "KilledWorker":
        return (
            "The training process ended several times during this run, most often because the "
            "machine's memory ran out. Use a smaller network or batch_size, then train again."
        )
    if isinstance(error, OSError | TimeoutError) or name in (
        "CancelledError",
        "FutureCancelledError",
        "CommClosedError",
    ):
        return (
            "The training cluster cannot be reached, so this run did not finish. Finished runs are "
            "kept. Make sure that the Dask scheduler runs, then train again."
        )
    return f"This run could not be trained ({name}: {error}). Change a setting and train again."


# What the workers do


def _train_task(spec: RunSpec) -> Run:
    from lesson import training

    tell, cancelled = _line_to_readers(spec.digest)
    try:
        return training.train(spec, tell, cancelled)
    finally:
        tell(Progress(ENDED))


def _measure_task(spec: RunSpec, weights: tuple[Any, ...]) -> dict[str, list[float]]:
    from lesson import mnist, robustness, training

    tell, cancelled = _line_to_readers(f"{spec.digest}{MEASURED}")
    digits = mnist.load()
    answer = training.answering(spec, weights, cancelled)
    started = time.perf_counter()
    last = started

    def told(share: float) -> None:
        nonlocal last
        now = time.perf_counter()
        if now - last < training.EVENT_SECONDS and share < 1:
            return
        last = now
        left = (now - started) * (1 - share) / share
        percent = round(share * 100)
        tell(Progress("measuring", 0, percent, 100, seconds=now - started, seconds_left=left))

    return robustness.measure(
        lambda pictures: answer(robustness.prepared(pictures, spec.scaled)),
        robustness.ink(digits.x_test),
        digits.y_test,
        robustness.affordable(spec.network),
        told,
    )


def _warm_task() -> str:
    from lesson import training

    return training.warm()


def _line_to_readers(key: str) -> tuple[Callable[[Progress], None], Callable[[], bool]]:
    """``tell`` sends progress to every server that listens; ``cancelled`` asks if all have left.

    Dask counts who wants a task: when the last one releases it, the scheduler has the worker
    mark the task cancelled, and a running task can look at its own mark.
    """
    from distributed import get_worker

    worker = get_worker()

    def tell(progress: Progress) -> None:
        worker.log_event(key, asdict(progress))

    def cancelled() -> bool:
        task = worker.state.tasks.get(key)
        wanted = task is not None and task.state not in ("cancelled", "released", "forgotten")
        # A worker that has lost its scheduler closes, and must not wait for work nobody awaits.
        return not wanted or worker.status.name != "running"

    return tell, cancelled

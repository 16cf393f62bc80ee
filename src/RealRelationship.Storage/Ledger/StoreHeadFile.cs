using System.Data.Common;
using System.Text.Json;

using Dapper;

using Microsoft.Extensions.Logging;

using RealRelationship.Storage.Encryption;

namespace RealRelationship.Storage.Ledger;

/// <summary>The head of the change log in a file beside the store. By it a store that lost acknowledged changes, such as its write-ahead log after a crash,
/// is recognised when it is opened.</summary>
/// <remarks>
/// <code>
/// COMMIT ─► callers ─► Advance ─── at most a second ───► temporary file ─► sync ─► rename
/// </code>
/// Written after the commits that it names and outside of the writer's thread, so that a store is never behind it, unless changes were lost.
/// A line a store, as several may share the path; each is signed with the privacy key.
/// </remarks>
public sealed class StoreHeadFile : IDisposable
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(700);

    private readonly Database _database;
    private readonly ChangeLog _changes;
    private readonly ILogger<StoreHeadFile> _logger;
    private readonly Timer _timer;
    private readonly Lock _writing = new();
    private string? _store;
    private ChangeLogHead? _pending;
    private int _isScheduled;
    private bool _hasFailed;

    public StoreHeadFile(Database database, ChangeLog changes, ILogger<StoreHeadFile> logger)
    {
        (_database, _changes, _logger) = (database, changes, logger);
        _timer = new(_ => WritePending());
    }

    public string Path => _database.SidecarBasePath + ".head";

    /// <summary>Checks that the store was not removed: an empty one would take its place.</summary>
    /// <exception cref="StoragePreconditionException">The file records a store that does not exist.</exception>
    internal void RequireStore()
    {
        if (_database.FilePath is { } store && new FileInfo(store) is not { Exists: true, Length: > 0 } && Read() is [var last, ..])
        {
            throw new StoragePreconditionException($"There is no store at {store}, but {Path} knows {last.Log} changes of it, the last of {last.RecordedAt}. "
                + $"Put it back, or restore a backup; remove {Path} to begin with an empty store.");
        }
    }

    /// <summary>Checks that the store contains the last change that the file knows, and takes over its head. A missing line is written.</summary>
    /// <exception cref="StoragePreconditionException">The store lacks that change, or the file was edited.</exception>
    internal void Open(DbConnection writer)
    {
        var head = _changes.ReadHead(writer);
        var identity = StoreIdentity.Read(writer, _changes);
        var known = Find(identity, Read());
        if (FindLoss(writer, known) is { } loss)
        {
            throw new StoragePreconditionException(loss);
        }

        _store = identity ?? StoreIdentity.Create(writer, _changes);
        if (known is null && head.Log > 0)
        {
            _logger.LogWarning("{Path} had no head of this store: it is adopted as it is, at change {Log} of {RecordedAt}", Path, head.Log, head.RecordedAt);
        }

        if (head.Log > 0 && known?.Log != head.Log)
        {
            Advance(head);
        }
    }

    /// <summary>Schedules the file to be written.</summary>
    internal void Advance(ChangeLogHead head)
    {
        Volatile.Write(ref _pending, head);
        if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
        {
            _timer.Change(s_delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Writes what is scheduled.</summary>
    internal void Flush() => WritePending();

    /// <summary>The lines of the file, not verified; none if there is no file.</summary>
    /// <exception cref="StoragePreconditionException">A line cannot be read.</exception>
    internal IReadOnlyList<StoreHead> Read()
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }

        PrivateFiles.Restrict(Path);
        return [.. lines.Where(line => line.Length > 0).Select(Parse)];
    }

    /// <summary>What a store lacks of what the file knows, in one line; null if nothing.</summary>
    internal string? FindLoss(DbConnection connection, IReadOnlyList<StoreHead> lines) =>
        FindLoss(connection, Find(StoreIdentity.Read(connection, _changes), lines));

    /// <summary>Accepts the head of a store as it is, such as after a point-in-time recovery.</summary>
    internal void Accept(DbConnection connection) => Write(StoreIdentity.Read(connection, _changes), _changes.ReadHead(connection));

    public void Dispose()
    {
        _timer.Dispose();
        WritePending();
    }

    // A SQLite store without an identity has a file only if it lost its first changes, and its identity with them.
    private StoreHead? Find(string? store, IReadOnlyList<StoreHead> lines)
    {
        var line = store is not null || _database.FilePath is null ? lines.FirstOrDefault(l => l.Store is null || l.Store == store)
            : lines is [.., var last] ? last : null;
        return line is null || line.Mac == line.ComputeMac(_changes) ? line : throw Edited();
    }

    private string? FindLoss(DbConnection connection, StoreHead? known) => known is null || ChangeLog.Contains(connection, known.ToLogHead()) ? null
        : $"The store at {_database.Name} lacks change {known.Log} of {known.RecordedAt}, which {Path} knows: its write-ahead log was removed, or an older "
            + "state took its place. Put back what is missing, restore a backup with `restore`, or accept the loss with `verify --accept-head`.";

    private void WritePending()
    {
        Volatile.Write(ref _isScheduled, 0);
        lock (_writing)
        {
            if (Interlocked.Exchange(ref _pending, null) is not { } head)
            {
                return;
            }

            try
            {
                Write(_store, head);
                _hasFailed = false;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoragePreconditionException)
            {
                if (!_hasFailed)
                {
                    _logger.LogWarning("The head of the change log cannot be written to {Path}: {Reason}", Path, error.Message);
                }

                _hasFailed = true;
                Interlocked.CompareExchange(ref _pending, head, null);
            }
        }
    }

    private void Write(string? store, ChangeLogHead head)
    {
        var own = new StoreHead(store, head.Log, head.RecordedAt, Convert.ToHexStringLower(head.Chain), "");
        own = own with { Mac = own.ComputeMac(_changes) };
        var others = Read().Where(line => line.Store is not null && line.Store != store);
        DurableFile.Replace(Path, string.Concat(others.Append(own).Select(line => JsonSerializer.Serialize(line, JsonSerializerOptions.Web) + "\n")));
    }

    private StoreHead Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<StoreHead>(text, JsonSerializerOptions.Web) ?? throw Edited();
        }
        catch (JsonException)
        {
            throw Edited();
        }
    }

    private StoragePreconditionException Edited() =>
        new($"{Path} was edited, or was written with another Privacy__Key. If the store is as it should be, remove the file.");
}

/// <summary>A line of <see cref="StoreHeadFile"/>.</summary>
/// <param name="Store">Identity of the store; null counts for every store.</param>
/// <param name="Log">Number of its last change.</param>
/// <param name="RecordedAt">UTC timestamp of that change.</param>
/// <param name="Chain">Chain value of that change, in hexadecimal.</param>
/// <param name="Mac">Keyed hash of the others.</param>
internal sealed record StoreHead(string? Store, long Log, string RecordedAt, string Chain, string Mac)
{
    public ChangeLogHead ToLogHead() => new(Log, 0, RecordedAt, Convert.FromHexString(Chain));

    public string ComputeMac(ChangeLog log) =>
        Convert.ToHexStringLower(log.CreateHash(KeyPurposes.StoreHead).Add(Store).Add(Log).Add(RecordedAt).Add(Chain).Finish());
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Faults.Support;

/// <summary>System calls of a service on the files of one folder and on its sockets, in order.</summary>
/// <remarks>
/// A call has a beginning and an end, both places in the log: between them another thread may have been at work. Files of shared
/// memory are left out: they are never more than a cache, and written past all calls.
/// </remarks>
internal sealed partial class SyscallLog
{
    private const string SharedMemorySuffix = "-shm";

    private readonly string _folder;
    private readonly Dictionary<int, (string Text, int Began)> _unfinished = [];
    private readonly Dictionary<string, RecordedFile> _openFiles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _sentBySocket = new(StringComparer.Ordinal);
    private readonly List<(int At, string Key)> _acknowledged = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly List<int> _cutPoints = [];

    private SyscallLog(string folder) => _folder = folder;

    public List<RecordedFile> Files { get; } = [];

    /// <summary>Created, renamed and deleted files in order; a null file for a deleted name.</summary>
    public List<(int Began, string Name, RecordedFile? File)> Names { get; } = [];

    /// <summary>When the folder itself was synced.</summary>
    public List<(int Began, int Ended)> FolderSyncs { get; } = [];

    /// <summary>Studies in the order in which their senders could first hear that they are stored.</summary>
    public IReadOnlyList<(int At, string Key)> Acknowledged => _acknowledged;

    /// <summary>Positions of writes, syncs and responses.</summary>
    public IReadOnlyList<int> CutPoints => _cutPoints;

    public static SyscallLog Read(string file, string folder)
    {
        var log = new SyscallLog(folder);
        var number = 0;
        foreach (var line in File.ReadLines(file, Encoding.Latin1))
        {
            log.Apply(line, number++);
        }

        return log;
    }

    private void Apply(string line, int number)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var thread = int.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture);
        var text = line[space..].TrimStart();
        if (text.EndsWith(" <unfinished ...>", StringComparison.Ordinal))
        {
            _unfinished[thread] = (text[..^" <unfinished ...>".Length], number);
            if (text.StartsWith("send", StringComparison.Ordinal))
            {
                ReadAcknowledgements(text, number);
            }

            return;
        }

        var began = number;
        if (text.StartsWith("<... ", StringComparison.Ordinal) && _unfinished.Remove(thread, out var first))
        {
            (text, began) = (first.Text + text[(text.IndexOf("resumed>", StringComparison.Ordinal) + "resumed>".Length)..], first.Began);
        }
        else if (text.StartsWith("send", StringComparison.Ordinal))
        {
            ReadAcknowledgements(text, number);
        }

        if (!FailedCall().IsMatch(text))
        {
            Apply(text, began, number);
        }
    }

    private void Apply(string text, int began, int ended)
    {
        switch (text[..Math.Max(0, text.IndexOf('(', StringComparison.Ordinal))])
        {
            case "openat" when text.Contains("O_CREAT", StringComparison.Ordinal) && NameIn(StringIn(text)) is { } name && !_openFiles.ContainsKey(name):
                Files.Add(_openFiles[name] = new());
                Names.Add((began, name, _openFiles[name]));
                break;
            case "unlink" when NameIn(StringIn(text)) is { } name && _openFiles.Remove(name):
                Names.Add((began, name, null));
                break;
            case "pwrite64" when FileOf(text) is { } file:
                var bytes = Bytes(StringIn(text));
                file.Writes.Add(new(began, ended, long.Parse(Offset().Match(text).Groups["offset"].Value, CultureInfo.InvariantCulture), bytes));
                _cutPoints.Add(ended);
                break;
            case "ftruncate" when FileOf(text) is { } file:
                file.Writes.Add(new(began, ended, long.Parse(Length().Match(text).Groups["length"].Value, CultureInfo.InvariantCulture), null));
                _cutPoints.Add(ended);
                break;
            case "fsync" or "fdatasync" when FileOf(text) is { } file:
                file.Syncs.Add((began, ended));
                _cutPoints.Add(ended);
                break;
            case "fsync" or "fdatasync" when PathOf(text) == _folder:
                FolderSyncs.Add((began, ended));
                _cutPoints.Add(ended);
                break;
            case "write" or "rename" when FileOf(text) is not null || NameIn(StringIn(text)) is not null:
                throw new InvalidOperationException($"The store is written in a way that cannot be replayed: {text[..60]}");
        }
    }

    // The response to a single post names the study in its Location, that to a batch in its results; it may be sent in pieces.
    private void ReadAcknowledgements(string text, int number)
    {
        var socket = text[..text.IndexOf('<', StringComparison.Ordinal)];
        var said = _sentBySocket.GetValueOrDefault(socket, "")
            + string.Concat(QuotedHex().Matches(text).Select(m => Encoding.Latin1.GetString(Bytes(m.Groups["hex"].Value))));
        foreach (Match match in AcknowledgementPattern().Matches(said))
        {
            if (_keys.Add(match.Groups["key"].Value))
            {
                _acknowledged.Add((number, match.Groups["key"].Value));
                _cutPoints.Add(number);
            }
        }

        _sentBySocket[socket] = said[^Math.Min(said.Length, 300)..];
    }

    private RecordedFile? FileOf(string text) => NameIn(PathOf(text)) is { } name ? _openFiles.GetValueOrDefault(name) : null;

    private static string PathOf(string text) => DescriptorPath().Match(text) is { Success: true } match
        ? Encoding.UTF8.GetString(Bytes(match.Groups["hex"].Value)) : "";

    // The head beside the store is written after the commits that it names, and replaced by rename.
    private string? NameIn(string path) => Path.GetDirectoryName(path) == _folder && !path.EndsWith(SharedMemorySuffix, StringComparison.Ordinal)
        && !Path.GetFileName(path).Contains(".head", StringComparison.Ordinal) ? Path.GetFileName(path) : null;

    private string? NameIn(ReadOnlySpan<char> hex) => NameIn(Encoding.UTF8.GetString(Bytes(hex)));

    private static ReadOnlySpan<char> StringIn(string text)
    {
        var from = text.IndexOf('"', StringComparison.Ordinal) + 1;
        return from == 0 ? [] : text.AsSpan(from, text.IndexOf('"', from) - from);
    }

    // \x6f\x6b
    private static byte[] Bytes(ReadOnlySpan<char> hex)
    {
        var bytes = new byte[hex.Length / 4];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = byte.Parse(hex.Slice((i * 4) + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return bytes;
    }

    [GeneratedRegex(@"\)\s*=\s*(-1|\?)", RegexOptions.ExplicitCapture | RegexOptions.RightToLeft, 1000)]
    private static partial Regex FailedCall();

    [GeneratedRegex(@"^\w+\(\d+<(?<hex>[^>]*)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DescriptorPath();

    [GeneratedRegex(@", (?<offset>\d+)\)\s*=\s*\d+$", RegexOptions.ExplicitCapture | RegexOptions.RightToLeft, 1000)]
    private static partial Regex Offset();

    [GeneratedRegex(@", (?<length>\d+)\)\s*=\s*0$", RegexOptions.ExplicitCapture | RegexOptions.RightToLeft, 1000)]
    private static partial Regex Length();

    [GeneratedRegex("\"(?<hex>(\\\\x[0-9a-f]{2})+)\"", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex QuotedHex();

    [GeneratedRegex("\"status\":201,\"id\":\"(?<key>[^\"]+)\"|HTTP/1.1 201 [^\\0]*?\r\nLocation: /studies/(?<key>[^\\s]+)\r\n", RegexOptions.ExplicitCapture
        | RegexOptions.IgnoreCase, 10_000)]
    private static partial Regex AcknowledgementPattern();
}

/// <summary>A file from its making on.</summary>
internal sealed class RecordedFile
{
    public List<RecordedWrite> Writes { get; } = [];

    public List<(int Began, int Ended)> Syncs { get; } = [];
}

/// <param name="Began">Where in the log the call began.</param>
/// <param name="Ended">Where it ended.</param>
/// <param name="Offset">Where in the file; its new length when <paramref name="Bytes"/> is null.</param>
/// <param name="Bytes">What was written.</param>
internal sealed record RecordedWrite(int Began, int Ended, long Offset, byte[]? Bytes);

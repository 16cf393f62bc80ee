using System.Security.Cryptography;

using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Keyed hashes of a measure as sent, by which a message that is sent again is recognised.</summary>
/// <remarks>They cover the message before anything that comes from elsewhere and may change between two requests: its encounter, defaults of the source
/// system, and the instruments that the site's declarations make of names. Release 0.1 hashed a message with its encounter.</remarks>
internal sealed class ContentHashes
{
    /// <summary>The rule of release 0.1.</summary>
    public const long Release01 = 1;

    /// <summary>The rule of new versions.</summary>
    public const long Current = 2;

    private readonly Func<Pseudonym, KeyedHash> _create;
    private readonly Pseudonym _key;
    private readonly MeasureContent _sent;
    private readonly MeasureContent _withEncounter;
    private readonly MeasureRequest _request;

    /// <param name="create">Begins a hash with the key and the patient of a measure.</param>
    /// <param name="key">The key of the measure.</param>
    /// <param name="sent">The content without defaults and without what the encounter says.</param>
    /// <param name="withEncounter">The content without defaults, as release 0.1 stored it.</param>
    /// <param name="request">The measure.</param>
    public ContentHashes(Func<Pseudonym, KeyedHash> create, Pseudonym key, MeasureContent sent, MeasureContent withEncounter, MeasureRequest request)
    {
        (_create, _key, _sent, _withEncounter, _request) = (create, key, sent, withEncounter, request);
        Value = request.Named is { IsDeclared: true } ? HashAsNamed() : Hash(sent);
    }

    private ContentHashes(Func<Pseudonym, KeyedHash> create, Pseudonym key)
    {
        (_create, _key, _sent, _withEncounter, _request) = (create, key, null!, null!, null!);
        Value = create(key).Add("withdrawn").Finish();
    }

    /// <summary>The hash to store.</summary>
    public byte[] Value { get; }

    /// <summary>That of a withdrawal, which has no content.</summary>
    public static ContentHashes OfWithdrawal(Func<Pseudonym, KeyedHash> create, Pseudonym key) => new(create, key);

    /// <summary>Those of the same message under another key.</summary>
    public ContentHashes Under(Pseudonym key) => _request is null ? new(_create, key) : new(_create, key, _sent, _withEncounter, _request);

    /// <summary>Whether a stored version was the same message.</summary>
    /// <param name="stored">Its hash.</param>
    /// <param name="version">The rule of that hash.</param>
    public bool Match(byte[] stored, long version) => _request is null ? AreEqual(stored, Value)
        : version == Release01 ? AreEqual(stored, HashUndeclared(_withEncounter))
        : AreEqual(stored, Value) || (_request.Named is not null && (AreEqual(stored, HashAsNamed()) || AreEqual(stored, HashUndeclared(_sent))));

    private static bool AreEqual(byte[] a, byte[] b) => CryptographicOperations.FixedTimeEquals(a, b);

    // With the name of the instrument in place of what the site's declarations make of it.
    private byte[] HashAsNamed() => Hash(_sent with { Instrument = _request.Named!.Name, Rater = _request.Named.Rater, Scale = _request.Named.Scale },
        _request.Items is { } items ? [.. items.Take(AnsweredOf(items))] : null);

    // With the instrument that the name stands for without the site's declarations.
    private byte[] HashUndeclared(MeasureContent content)
    {
        if (_request.Named is not { Undeclared: { } instrument } named || (instrument.Code, named.UndeclaredScale) == (content.Instrument, content.Scale))
        {
            return Hash(content);
        }

        var undeclared = content with
        {
            Instrument = instrument.Code,
            Scale = named.UndeclaredScale,
            Rater = named.Rater ?? (instrument.Raters is [var only] ? only : content.Rater),
        };
        return Hash(undeclared, _request.Items is not { } items ? null
            : [.. Enumerable.Range(0, Math.Max(AnsweredOf(items), (int)(instrument.Items?.Count ?? 0))).Select(items.ElementAtOrDefault)]);
    }

    // Number of items up to the last that was answered: an instrument of more items is padded.
    private static int AnsweredOf(IReadOnlyList<double?> items) => items.ToList().FindLastIndex(i => i is not null) + 1;

    private byte[] Hash(MeasureContent content) => Hash(content, _request.Items);

    // Hashes the content as sent rather than as scored, as the scoring key may change between two requests.
    private byte[] Hash(MeasureContent content, IReadOnlyList<double?>? items)
    {
        var hash = _create(_key).Add(EnumNames<MeasureStatus>.Of(content.Status)).Add(content.Therapist).Add(content.Episode).Add(content.Session)
            .Add(content.SessionNumber).Add(content.OccurredAt!.Value.UtcTicks)
            .Add(content.Instrument).Add((long?)content.Rater).Add(content.Scale).Add(_request.Score).Add((long?)_request.Aggregation)
            .Add((long?)items?.Count);
        if (content.IsCopy == true)
        {
            hash.Add(content.Administration);
        }

        foreach (var item in items ?? [])
        {
            hash.Add(item);
        }

        return hash.Finish();
    }
}

/// <summary>The name by which a message referred to its instrument, where that is not an instrument's code.</summary>
/// <param name="Name">A canonical URL, <c>system|code</c> or several of them, or a word.</param>
/// <param name="Rater">The rater as sent; null if the instrument determines it.</param>
/// <param name="Scale">The scale as sent; null if the name determines it.</param>
/// <param name="IsDeclared">Whether it is that instrument only because the site declared so.</param>
/// <param name="Undeclared">The instrument of that name without the site's declarations; null for none.</param>
/// <param name="UndeclaredScale">Likewise the scale.</param>
internal sealed record InstrumentNaming(string Name, ScoreRater? Rater, string? Scale, bool IsDeclared, Instrument? Undeclared, string? UndeclaredScale);

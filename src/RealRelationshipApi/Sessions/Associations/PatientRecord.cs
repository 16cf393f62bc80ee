using System.Text;

using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>The current scores of one patient, from which contributions are computed.</summary>
/// <remarks>Stored encrypted, one row per patient, so that a request updates a single row.</remarks>
internal sealed class PatientRecord
{
    private const byte Format = 3;

    // Without provenance.
    private const byte FormatWithoutProvenance = 2;

    // Without numbers of earlier versions.
    private const byte FormatOfRelease01 = 1;

    private readonly SortedDictionary<Pseudonym, PatientScore> _scores = [];

    /// <summary>From whom the patient first came; null in records of release 0.1, and until the first score.</summary>
    /// <inheritdoc cref="Associations.Provenance"/>
    public string? Provenance { get; set; }

    /// <summary>Cells of the patient, each with the first epoch whose release can include the patient.</summary>
    public SortedDictionary<string, long> MemberSince { get; } = new(StringComparer.Ordinal);

    /// <summary>Cells from whose releases the patient is permanently withheld after having left one.</summary>
    public SortedSet<string> WithheldCells { get; } = new(StringComparer.Ordinal);

    /// <summary>The scores, without copies of another score even if that one is held or withdrawn.</summary>
    public IReadOnlyCollection<PatientScore> Scores => _scores.Values.Any(s => s.IsCopy)
        ? [.. _scores.Values.Where(s => !(s.IsCopy && _scores.Values.Any(s.IsCopyOf)))] : _scores.Values;

    /// <summary>The scores and their copies.</summary>
    public IReadOnlyCollection<PatientScore> All => _scores.Values;

    public bool IsEmpty => _scores.Count == 0 && WithheldCells.Count == 0;

    public void Put(PatientScore score) => _scores[score.Measure] = score;

    /// <summary>Sets the number of stored versions of a measure; withdraws it if its highest version is withdrawn.</summary>
    public void SetVersions(Pseudonym measure, VersionCounts counts)
    {
        var known = _scores[measure];
        Put((counts.IsRetracted && known.State != ScoreState.Retracted ? known.Retracted() : known) with { Earlier = counts });
    }

    /// <summary>Replaces a score after its instrument has changed; a withdrawn one stays withdrawn.</summary>
    public void Rescore(PatientScore score)
    {
        if (_scores.TryGetValue(score.Measure, out var known) && known.State != ScoreState.Retracted)
        {
            Put(score with { Earlier = known.Earlier });
        }
    }

    public void Remove(Pseudonym measure) => _scores.Remove(measure);

    /// <summary>Replaces each score.</summary>
    public void Replace(Func<PatientScore, PatientScore> replace)
    {
        foreach (var score in _scores.Values.ToList())
        {
            Put(replace(score));
        }
    }

    /// <summary>Moves all scores to the record of the same person.</summary>
    public void MoveTo(PatientRecord other)
    {
        foreach (var score in _scores.Values)
        {
            other.Put(score);
        }

        Clear();
    }

    /// <summary>Whether a score is of one of these therapists.</summary>
    public bool IsOfAny(IReadOnlySet<Pseudonym> therapists) => _scores.Values.Any(s => therapists.Contains(s.Therapist));

    public void Clear() => _scores.Clear();

    private byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Format);
        writer.Write(Provenance ?? "");
        writer.Write7BitEncodedInt(_scores.Count);
        foreach (var score in _scores.Values)
        {
            score.Write(writer);
        }

        writer.Write7BitEncodedInt(MemberSince.Count);
        foreach (var (cell, epoch) in MemberSince)
        {
            writer.Write(cell);
            writer.Write7BitEncodedInt64(epoch);
        }

        writer.Write7BitEncodedInt(WithheldCells.Count);
        foreach (var cell in WithheldCells)
        {
            writer.Write(cell);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Encrypts the record, bound to its patient.</summary>
    public byte[] Encrypt(ColumnEncryption encryption, string tenant, Pseudonym patient) =>
        encryption.Encrypt(ToBytes(), tenant, EncryptedRowPaths.Patient(patient));

    public static PatientRecord Decrypt(ColumnEncryption encryption, string tenant, Pseudonym patient, byte[] content) =>
        FromBytes(encryption.Decrypt(content, tenant, EncryptedRowPaths.Patient(patient)));

    private static PatientRecord FromBytes(byte[] bytes)
    {
        var reader = new RecordReader(bytes);
        var format = reader.ReadByte();
        if (format is not (Format or FormatWithoutProvenance or FormatOfRelease01))
        {
            throw new InvalidDataException("A patient's record has a format that this version does not know.");
        }

        var record = new PatientRecord { Provenance = format == Format && reader.ReadString() is { Length: > 0 } provenance ? provenance : null };
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            record.Put(PatientScore.Read(ref reader, hasCounts: format != FormatOfRelease01));
        }

        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            record.MemberSince.Add(reader.ReadString(), reader.Read7BitEncodedInt64());
        }

        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            record.WithheldCells.Add(reader.ReadString());
        }

        return record;
    }
}

/// <summary>The score of a current measure, as used in stage 1.</summary>
/// <param name="Measure">Its natural key.</param>
/// <param name="State">Only analysed scores contribute; held and retracted ones are counted.</param>
/// <param name="Session">Its session; none if the sender gave no key.</param>
/// <param name="Episode">Its treatment.</param>
/// <param name="Therapist">The therapist of the session.</param>
/// <param name="SessionNumber">From 1; 0 if unknown.</param>
/// <param name="OccurredAt">UTC ticks.</param>
/// <param name="Construct">Construct of the instrument; empty for a score that is only counted.</param>
/// <param name="Form">Instrument, scoring key, scale and rater: scores of one form are comparable.</param>
/// <param name="Value">The score, oriented so that higher is stronger or better.</param>
internal sealed record PatientScore(Pseudonym Measure, ScoreState State, Pseudonym Session, Pseudonym Episode, Pseudonym Therapist, long SessionNumber,
    long OccurredAt,
    string Construct, ScoreForm Form, double Value)
{
    /// <summary>Another key of the administration, or for a copy the key of the original; none if unknown.</summary>
    public Pseudonym Administration { get; init; }

    /// <summary>Whether the score is a copy of another one.</summary>
    public bool IsCopy { get; init; }

    /// <summary>Numbers of its earlier versions.</summary>
    public VersionCounts Earlier { get; init; }

    /// <summary>Orders by time, then by session number and key, so that the order is total.</summary>
    public static IComparer<PatientScore> ByTime { get; } = Comparer<PatientScore>.Create((a, b) =>
        a.OccurredAt != b.OccurredAt ? a.OccurredAt.CompareTo(b.OccurredAt)
        : a.SessionNumber != b.SessionNumber ? a.SessionNumber.CompareTo(b.SessionNumber)
        : a.Measure.CompareTo(b.Measure));

    /// <summary>Whether the score is of an earlier session or of the same one; the order within a session has no meaning.</summary>
    public bool IsAtOrBefore(PatientScore other) => (Session == other.Session && !Session.IsNone) || OccurredAt <= other.OccurredAt;

    /// <summary>Whether the score is of an earlier session.</summary>
    public bool IsBefore(PatientScore other) => (Session != other.Session || Session.IsNone) && OccurredAt < other.OccurredAt;

    /// <summary>Whether this is a copy of <paramref name="original"/>, on the same scale as far as known.</summary>
    public bool IsCopyOf(PatientScore original) => !original.IsCopy && (original.Measure == Administration || original.Administration == Administration)
        && (original.State != ScoreState.Analysed || State != ScoreState.Analysed
            || (original.Form.Instrument, original.Form.Scale) == (Form.Instrument, Form.Scale));

    /// <summary>The same score, withdrawn.</summary>
    public PatientScore Retracted() => CountedOnly(Measure, ScoreState.Retracted) with { Administration = Administration, IsCopy = IsCopy };

    public void Write(BinaryWriter writer)
    {
        writer.Write(Measure.Bytes);
        writer.Write((byte)State);
        WriteKey(writer, Administration);
        writer.Write(IsCopy);
        writer.Write7BitEncodedInt64(Earlier.Retracted);
        writer.Write7BitEncodedInt64(Earlier.Superseded);
        if (State != ScoreState.Analysed)
        {
            return;
        }

        WriteKey(writer, Session);
        WriteKey(writer, Episode);
        WriteKey(writer, Therapist);
        writer.Write7BitEncodedInt64(SessionNumber);
        writer.Write(OccurredAt);
        writer.Write(Construct);
        writer.Write(Form.Instrument);
        writer.Write7BitEncodedInt64(Form.KeyVersion);
        writer.Write(Form.Scale);
        writer.Write(Form.Rater);
        writer.Write(Value);
    }

    public static PatientScore Read(ref RecordReader reader, bool hasCounts)
    {
        var measure = reader.ReadKey();
        var state = (ScoreState)reader.ReadByte();
        var administration = ReadKey(ref reader);
        var isCopy = reader.ReadBoolean();
        var earlier = hasCounts ? new VersionCounts(state == ScoreState.Retracted, reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()) : default;
        return (state != ScoreState.Analysed
            ? CountedOnly(measure, state)
            : new PatientScore(measure, state, ReadKey(ref reader), ReadKey(ref reader), ReadKey(ref reader), reader.Read7BitEncodedInt64(), reader.ReadInt64(),
                reader.ReadString(),
                new(reader.ReadString(), reader.Read7BitEncodedInt64(), reader.ReadString(), reader.ReadString()), reader.ReadDouble())) with
        {
            Administration = administration,
            IsCopy = isCopy,
            Earlier = earlier,
        };
    }

    /// <summary>A score that is counted, but contributes to no cell.</summary>
    public static PatientScore CountedOnly(Pseudonym measure, ScoreState state) =>
        new(measure, state, Pseudonym.None, Pseudonym.None, Pseudonym.None, 0, 0, "", new("", 0, "", ""), 0);

    private static void WriteKey(BinaryWriter writer, Pseudonym key)
    {
        writer.Write(!key.IsNone);
        if (!key.IsNone)
        {
            writer.Write(key.Bytes);
        }
    }

    private static Pseudonym ReadKey(ref RecordReader reader) => reader.ReadBoolean() ? reader.ReadKey() : Pseudonym.None;
}

/// <summary>Whether a measure contributes to stage 1.</summary>
internal enum ScoreState : byte { Analysed, Held, Retracted, ItemsAsUndeclared }

/// <summary>Comparable scores: another instrument, scoring key, scale or rater makes another series.</summary>
/// <param name="Instrument">Its code.</param>
/// <param name="KeyVersion">Version of the site's scoring key; 0 for the built-in one.</param>
/// <param name="Scale">total or a subscale.</param>
/// <param name="Rater">client, therapist or observer.</param>
internal sealed record ScoreForm(string Instrument, long KeyVersion, string Scale, string Rater);

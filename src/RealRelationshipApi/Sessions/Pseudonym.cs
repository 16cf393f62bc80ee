using System.Diagnostics.CodeAnalysis;

using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions;

/// <summary>Replaces a source key by a 160-bit keyed hash over tenant, source system, kind and key.</summary>
internal readonly struct Pseudonym : IEquatable<Pseudonym>, IComparable<Pseudonym>
{
    public const int Length = 20;

    private const int DisplayLength = 26;
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly byte[]? _bytes;

    public Pseudonym(byte[] bytes)
    {
        _bytes = bytes.Length == Length ? bytes : throw new ArgumentException($"A pseudonym has {Length} bytes.", nameof(bytes));
    }

    /// <summary>The pseudonym of a missing key.</summary>
    public static Pseudonym None { get; } = new(new byte[Length]);

    public byte[] Bytes => _bytes ?? None.Bytes;

    public bool IsNone => Equals(None);

    /// <summary>The first 26 base32 characters (RFC 4648, lower case), as shown in responses.</summary>
    public override string ToString() => string.Create(DisplayLength, Bytes, static (text, bytes) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            var (at, shift) = (i * 5 / 8, i * 5 % 8);
            var pair = (bytes[at] << 8) | (at + 1 < bytes.Length ? bytes[at + 1] : 0);
            text[i] = Base32[(pair >> (11 - shift)) & 31];
        }
    });

    public bool Equals(Pseudonym other) => Bytes.AsSpan().SequenceEqual(other.Bytes);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Pseudonym other && Equals(other);

    public override int GetHashCode() => BitConverter.ToInt32(Bytes, 0);

    public int CompareTo(Pseudonym other) => Bytes.AsSpan().SequenceCompareTo(other.Bytes);

    public static bool operator ==(Pseudonym left, Pseudonym right) => left.Equals(right);

    public static bool operator !=(Pseudonym left, Pseudonym right) => !left.Equals(right);

    public static bool operator <(Pseudonym left, Pseudonym right) => left.CompareTo(right) < 0;

    public static bool operator >(Pseudonym left, Pseudonym right) => left.CompareTo(right) > 0;

    public static bool operator <=(Pseudonym left, Pseudonym right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Pseudonym left, Pseudonym right) => left.CompareTo(right) >= 0;
}

/// <summary>Derives the pseudonyms of one source system of one tenant.</summary>
internal sealed class PseudonymGenerator(PrivacyKey privacy, string tenant, string sourceSystem)
{
    public Pseudonym Patient(string key) => Derive("patient", key);

    public Pseudonym Measure(string sourceId) => Derive("measure", sourceId);

    /// <summary>The measure of one of several instruments of a response.</summary>
    public Pseudonym Form(Pseudonym response, string instrument) => new(privacy.CreateHash(KeyPurposes.Pseudonym).Add(tenant).Add("form").Add(response.Bytes)
        .Add(instrument).Finish()[..Pseudonym.Length]);

    /// <summary><see cref="Pseudonym.None"/> for a missing key.</summary>
    public Pseudonym Therapist(string? key) => key is null ? Pseudonym.None : Derive("therapist", key);

    /// <inheritdoc cref="Therapist"/>
    public Pseudonym Episode(string? key) => key is null ? Pseudonym.None : Derive("episode", key);

    /// <inheritdoc cref="Therapist"/>
    public Pseudonym Session(string? key) => key is null ? Pseudonym.None : Derive("session", key);

    /// <summary>A day of the rows of CSV files.</summary>
    public Pseudonym CsvDay(DateOnly day) => Derive("csvDay", day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The source system itself.</summary>
    public Pseudonym SourceSystem() => Derive("sourceSystem", "");

    private Pseudonym Derive(string kind, string key) =>
        new(privacy.CreateHash(KeyPurposes.Pseudonym).Add(tenant).Add(sourceSystem).Add(kind).Add(key).Finish()[..Pseudonym.Length]);
}

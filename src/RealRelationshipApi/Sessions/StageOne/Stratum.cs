namespace RealRelationshipApi.Sessions.StageOne;

/// <summary>The running sums of one cell over the clients of one therapist, and who of them stood in the last release.</summary>
internal sealed class Stratum
{
    private const byte Format = 1;

    /// <summary>Sum of the clients' shares; empty while there are none.</summary>
    public Int128[] Values { get; private set; } = [];

    /// <summary>Clients who stand in the last release.</summary>
    public long Released { get; set; }

    /// <summary>Clients who do not.</summary>
    public long Fresh { get; set; }

    /// <summary>Who stands in the last release and is a client no more.</summary>
    public long Gone { get; set; }

    /// <summary>The last epoch in which these clients were released; 0 when never.</summary>
    public long IncludedAt { get; set; }

    public long Clients => Released + Fresh;

    public bool IsEmpty => Clients == 0 && Gone == 0;

    public void Add(Share share)
    {
        if (Values.Length == 0)
        {
            Values = new Int128[share.Values.Length];
        }

        for (var i = 0; i < Values.Length; i++)
        {
            Values[i] += share.Values[i];
        }
    }

    public void Subtract(Share share)
    {
        for (var i = 0; i < Values.Length; i++)
        {
            Values[i] -= share.Values[i];
        }
    }

    /// <summary>What the stratum gives to its cell.</summary>
    public Membership Membership(long fewest)
    {
        var counts = Clients >= fewest && Clients > 0;
        return new(counts ? Clients : 0, counts ? 1 : 0, counts ? Fresh : 0, Gone + (counts ? 0 : Released));
    }

    public Stratum Copy() => new() { Values = [.. Values], Released = Released, Fresh = Fresh, Gone = Gone, IncludedAt = IncludedAt };

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Format);
        writer.Write7BitEncodedInt64(Released);
        writer.Write7BitEncodedInt64(Fresh);
        writer.Write7BitEncodedInt64(Gone);
        writer.Write7BitEncodedInt64(IncludedAt);
        writer.Write7BitEncodedInt(Values.Length);
        foreach (var value in Values)
        {
            writer.Write((ulong)value);
            writer.Write((ulong)(value >> 64));
        }

        writer.Flush();
        return stream.ToArray();
    }

    public static Stratum FromBytes(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, writable: false));
        if (reader.ReadByte() != Format)
        {
            throw new InvalidDataException("The sums of a cell have a format that this version does not know.");
        }

        var stratum = new Stratum
        {
            Released = reader.Read7BitEncodedInt64(), Fresh = reader.Read7BitEncodedInt64(), Gone = reader.Read7BitEncodedInt64(), IncludedAt = reader.Read7BitEncodedInt64(),
            Values = new Int128[reader.Read7BitEncodedInt()],
        };
        for (var i = 0; i < stratum.Values.Length; i++)
        {
            var lower = reader.ReadUInt64();
            stratum.Values[i] = new Int128(reader.ReadUInt64(), lower);
        }

        return stratum;
    }
}

/// <summary>How many people a cell rests on, and how they differ from those of its last release.</summary>
/// <param name="Patients">Clients who count.</param>
/// <param name="Therapists">Their therapists.</param>
/// <param name="Entered">Clients who count now and did not in the last release.</param>
/// <param name="Left">Clients who counted in the last release and do not now.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly record struct Membership(long Patients, long Therapists, long Entered, long Left)
{
    public static Membership operator +(Membership a, Membership b) => Add(a, b);

    public static Membership operator -(Membership a, Membership b) => Subtract(a, b);

    public static Membership Add(Membership a, Membership b) => new(a.Patients + b.Patients, a.Therapists + b.Therapists, a.Entered + b.Entered, a.Left + b.Left);

    public static Membership Subtract(Membership a, Membership b) => new(a.Patients - b.Patients, a.Therapists - b.Therapists, a.Entered - b.Entered, a.Left - b.Left);
}

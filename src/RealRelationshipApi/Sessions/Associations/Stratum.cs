namespace RealRelationshipApi.Sessions.StageOne;

/// <summary>The running sums of one cell over the clients of one therapist, and who of them stood in the last release.</summary>
internal sealed class Stratum
{
    private const byte Format = 2;

    /// <summary>Sum of the clients' shares; empty while there are none.</summary>
    public Int128[] Values { get; private set; } = [];

    /// <summary>What of it belongs to those who stay out of releases; empty while there are none.</summary>
    public Int128[] Withheld { get; private set; } = [];

    /// <summary>Clients who stand in the last release.</summary>
    public long Released { get; set; }

    /// <summary>Clients who have never stood in any.</summary>
    public long Fresh { get; set; }

    /// <summary>Clients who stood in an earlier one, and stay out of all that come.</summary>
    public long Out { get; set; }

    /// <summary>Who stood in the last release and is a client no more, or not of this therapist.</summary>
    public long Gone { get; set; }

    /// <summary>Those of them who stood already in the release since which nobody has left.</summary>
    public long GoneEarly { get; set; }

    /// <summary>The last epoch in which these clients were released; 0 when it is not the cell's last one.</summary>
    public long IncludedAt { get; set; }

    /// <summary>The epoch since which they have been, without a break.</summary>
    public long Since { get; set; }

    public long Clients => Tellable + Out;

    /// <summary>Clients whom a release may hold.</summary>
    public long Tellable => Released + Fresh;

    public bool IsEmpty => Clients == 0 && Gone == 0;

    /// <summary>Adds what a client gives; to releases only where the client does not stay out.</summary>
    public void Add(Share share, bool isOut = false)
    {
        Values = Sum(Values, share.Values);
        Withheld = isOut ? Sum(Withheld, share.Values) : Withheld;
    }

    public void Subtract(Share share, bool isOut = false)
    {
        Values = Difference(Values, share.Values);
        Withheld = isOut ? Difference(Withheld, share.Values) : Withheld;
    }

    /// <summary>Takes a client who stood in the last release out of all that come.</summary>
    public void Withhold(Share share)
    {
        Withheld = Sum(Withheld, share.Values);
        Released--;
        Out++;
    }

    /// <summary>What the stratum gives to its cell.</summary>
    public Membership Membership(long fewest)
    {
        var counts = Counts(fewest);
        return new(counts ? Tellable : 0, counts ? 1 : 0, counts ? Fresh : 0, Gone + (counts ? 0 : Released));
    }

    public bool Counts(long fewest) => Tellable >= fewest && Tellable > 0;

    /// <summary>A copy without those who stay out.</summary>
    public Stratum WithoutWithheld() => new()
    {
        Values = Withheld.Length == 0 ? [.. Values] : Difference(Values, Withheld),
        Released = Released, Fresh = Fresh, Gone = Gone, GoneEarly = GoneEarly, IncludedAt = IncludedAt, Since = Since,
    };

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Format);
        writer.Write7BitEncodedInt64(Released);
        writer.Write7BitEncodedInt64(Fresh);
        writer.Write7BitEncodedInt64(Out);
        writer.Write7BitEncodedInt64(Gone);
        writer.Write7BitEncodedInt64(GoneEarly);
        writer.Write7BitEncodedInt64(IncludedAt);
        writer.Write7BitEncodedInt64(Since);
        Write(writer, Values);
        Write(writer, Withheld);
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

        return new()
        {
            Released = reader.Read7BitEncodedInt64(), Fresh = reader.Read7BitEncodedInt64(), Out = reader.Read7BitEncodedInt64(),
            Gone = reader.Read7BitEncodedInt64(), GoneEarly = reader.Read7BitEncodedInt64(), IncludedAt = reader.Read7BitEncodedInt64(), Since = reader.Read7BitEncodedInt64(),
            Values = Read(reader), Withheld = Read(reader),
        };
    }

    private static Int128[] Sum(Int128[] sums, Int128[] share) => sums.Length == 0 ? [.. share] : [.. sums.Zip(share, (sum, value) => sum + value)];

    private static Int128[] Difference(Int128[] sums, Int128[] share) => [.. sums.Zip(share, (sum, value) => sum - value)];

    private static void Write(BinaryWriter writer, Int128[] values)
    {
        writer.Write7BitEncodedInt(values.Length);
        foreach (var value in values)
        {
            writer.Write((ulong)value);
            writer.Write((ulong)(value >> 64));
        }
    }

    private static Int128[] Read(BinaryReader reader)
    {
        var values = new Int128[reader.Read7BitEncodedInt()];
        for (var i = 0; i < values.Length; i++)
        {
            var lower = reader.ReadUInt64();
            values[i] = new Int128(reader.ReadUInt64(), lower);
        }

        return values;
    }
}

/// <summary>How many people a cell rests on, and how they differ from those of its last release.</summary>
/// <param name="Patients">Clients who count and may be told.</param>
/// <param name="Therapists">Their therapists.</param>
/// <param name="Entered">Clients who count now and have stood in no release.</param>
/// <param name="Left">Clients who counted in the last release and do not now.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly record struct Membership(long Patients, long Therapists, long Entered, long Left)
{
    public static Membership operator +(Membership a, Membership b) => Add(a, b);

    public static Membership operator -(Membership a, Membership b) => Subtract(a, b);

    public static Membership Add(Membership a, Membership b) => new(a.Patients + b.Patients, a.Therapists + b.Therapists, a.Entered + b.Entered, a.Left + b.Left);

    public static Membership Subtract(Membership a, Membership b) => new(a.Patients - b.Patients, a.Therapists - b.Therapists, a.Entered - b.Entered, a.Left - b.Left);
}

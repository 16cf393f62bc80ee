namespace RealRelationshipApi.Sessions.Associations;

/// <summary>The running sums of one cell over the clients of one therapist, and who of them stood in the last release.</summary>
internal sealed class TherapistSums
{
    private const byte Format = 2;

    /// <summary>Sum of the clients' shares; empty while there are none.</summary>
    public Int128[] Values { get; private set; } = [];

    /// <summary>What of it belongs to those who stay out of releases; empty while there are none.</summary>
    public Int128[] WithheldValues { get; private set; } = [];

    /// <summary>Clients who stand in the last release.</summary>
    public long ReleasedClients { get; set; }

    /// <summary>Clients who have never stood in any.</summary>
    public long NewSinceRelease { get; set; }

    /// <summary>Clients who stood in an earlier one, and stay out of all that come.</summary>
    public long WithheldClients { get; set; }

    /// <summary>Who stood in the last release and is a client no more, or not of this therapist.</summary>
    public long Departed { get; set; }

    /// <summary>Those of them who stood already in the release since which nobody has left.</summary>
    public long DepartedEarly { get; set; }

    /// <summary>The last epoch in which these clients were released; 0 when it is not the cell's last one.</summary>
    public long LastReleasedEpoch { get; set; }

    /// <summary>The epoch since which they have been, without a break.</summary>
    public long ReleasedSince { get; set; }

    public long Clients => Releasable + WithheldClients;

    /// <summary>Clients whom a release may hold.</summary>
    public long Releasable => ReleasedClients + NewSinceRelease;

    public bool IsEmpty => Clients == 0 && Departed == 0;

    /// <summary>Adds what a client gives; to releases only where the client does not stay out.</summary>
    public void Add(PatientContribution share, bool isWithheld = false)
    {
        Values = Sum(Values, share.Values);
        WithheldValues = isWithheld ? Sum(WithheldValues, share.Values) : WithheldValues;
    }

    public void Subtract(PatientContribution share, bool isWithheld = false)
    {
        Values = Difference(Values, share.Values);
        WithheldValues = isWithheld ? Difference(WithheldValues, share.Values) : WithheldValues;
    }

    /// <summary>Takes a client who stood in the last release out of all that come.</summary>
    public void Withhold(PatientContribution share)
    {
        WithheldValues = Sum(WithheldValues, share.Values);
        ReleasedClients--;
        WithheldClients++;
    }

    /// <summary>What the stratum gives to its cell.</summary>
    public CohortCounts ToCohortCounts(long minClients)
    {
        var counts = IsCounted(minClients);
        return new(counts ? Releasable : 0, counts ? 1 : 0, counts ? NewSinceRelease : 0, Departed + (counts ? 0 : ReleasedClients));
    }

    public bool IsCounted(long minClients) => Releasable >= minClients && Releasable > 0;

    /// <summary>A copy without those who stay out.</summary>
    public TherapistSums WithoutWithheld() => new()
    {
        Values = WithheldValues.Length == 0 ? [.. Values] : Difference(Values, WithheldValues),
        ReleasedClients = ReleasedClients, NewSinceRelease = NewSinceRelease, Departed = Departed, DepartedEarly = DepartedEarly,
        LastReleasedEpoch = LastReleasedEpoch, ReleasedSince = ReleasedSince,
    };

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Format);
        writer.Write7BitEncodedInt64(ReleasedClients);
        writer.Write7BitEncodedInt64(NewSinceRelease);
        writer.Write7BitEncodedInt64(WithheldClients);
        writer.Write7BitEncodedInt64(Departed);
        writer.Write7BitEncodedInt64(DepartedEarly);
        writer.Write7BitEncodedInt64(LastReleasedEpoch);
        writer.Write7BitEncodedInt64(ReleasedSince);
        Write(writer, Values);
        Write(writer, WithheldValues);
        writer.Flush();
        return stream.ToArray();
    }

    public static TherapistSums FromBytes(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, writable: false));
        if (reader.ReadByte() != Format)
        {
            throw new InvalidDataException("The sums of a cell have a format that this version does not know.");
        }

        return new()
        {
            ReleasedClients = reader.Read7BitEncodedInt64(), NewSinceRelease = reader.Read7BitEncodedInt64(), WithheldClients = reader.Read7BitEncodedInt64(),
            Departed = reader.Read7BitEncodedInt64(), DepartedEarly = reader.Read7BitEncodedInt64(), LastReleasedEpoch = reader.Read7BitEncodedInt64(),
            ReleasedSince = reader.Read7BitEncodedInt64(),
            Values = Read(reader), WithheldValues = Read(reader),
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
/// <param name="NewPatients">Clients who count now and have stood in no release.</param>
/// <param name="DepartedPatients">Clients who counted in the last release and do not now.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly record struct CohortCounts(long Patients, long Therapists, long NewPatients, long DepartedPatients)
{
    public static CohortCounts operator +(CohortCounts a, CohortCounts b) => Add(a, b);

    public static CohortCounts operator -(CohortCounts a, CohortCounts b) => Subtract(a, b);

    public static CohortCounts Add(CohortCounts a, CohortCounts b) =>
        new(a.Patients + b.Patients, a.Therapists + b.Therapists, a.NewPatients + b.NewPatients, a.DepartedPatients + b.DepartedPatients);

    public static CohortCounts Subtract(CohortCounts a, CohortCounts b) =>
        new(a.Patients - b.Patients, a.Therapists - b.Therapists, a.NewPatients - b.NewPatients, a.DepartedPatients - b.DepartedPatients);
}

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Running sums of a cell over the clients of one therapist, with client counts relative to the last release.</summary>
internal sealed class TherapistSums
{
    private const byte Format = 2;

    /// <summary>Sum of the clients' contributions; empty if there are no clients.</summary>
    public Int128[] Values { get; private set; } = [];

    /// <summary>The part of withheld clients; empty if there are none.</summary>
    public Int128[] WithheldValues { get; private set; } = [];

    /// <summary>Clients in the last release.</summary>
    public long ReleasedClients { get; set; }

    /// <summary>Clients who have been in no release.</summary>
    public long NewSinceRelease { get; set; }

    /// <summary>Clients withheld from all later releases after they left one.</summary>
    public long WithheldClients { get; set; }

    /// <summary>Patients of the last release who have since left this therapist.</summary>
    public long Departed { get; set; }

    /// <summary>Those of them who were already in the release <see cref="AssociationState.StableSince"/>.</summary>
    public long DepartedEarly { get; set; }

    /// <summary>Last epoch in which these clients were released; 0 if it is not the cell's last one.</summary>
    public long LastReleasedEpoch { get; set; }

    /// <summary>First epoch of that uninterrupted series of releases.</summary>
    public long ReleasedSince { get; set; }

    public long Clients => Releasable + WithheldClients;

    /// <summary>Clients who may be included in a release.</summary>
    public long Releasable => ReleasedClients + NewSinceRelease;

    public bool IsEmpty => Clients == 0 && Departed == 0;

    /// <summary>Adds the contribution of a client; releases exclude withheld ones.</summary>
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

    /// <summary>Withholds a client of the last release from all later ones.</summary>
    public void Withhold(PatientContribution share)
    {
        WithheldValues = Sum(WithheldValues, share.Values);
        ReleasedClients--;
        WithheldClients++;
    }

    /// <summary>Counts one client for another key of the same therapist, as a member of the same releases.</summary>
    public void MoveClient(TherapistSums to, bool isWithheld, bool isReleased)
    {
        (to.LastReleasedEpoch, to.ReleasedSince) = (LastReleasedEpoch, Math.Max(to.ReleasedSince, ReleasedSince));
        var (withheld, released, isNew) = (isWithheld ? 1 : 0, isReleased ? 1 : 0, isWithheld || isReleased ? 0 : 1);
        (WithheldClients, ReleasedClients, NewSinceRelease) = (WithheldClients - withheld, ReleasedClients - released, NewSinceRelease - isNew);
        (to.WithheldClients, to.ReleasedClients, to.NewSinceRelease) =
            (to.WithheldClients + withheld, to.ReleasedClients + released, to.NewSinceRelease + isNew);
    }

    /// <summary>Counts of this stratum, to be added up over the cell.</summary>
    public CohortCounts ToCohortCounts(long minClients)
    {
        var counts = IsCounted(minClients);
        return new(counts ? Releasable : 0, counts ? 1 : 0, counts ? NewSinceRelease : 0, Departed + (counts ? 0 : ReleasedClients));
    }

    public bool IsCounted(long minClients) => Releasable >= minClients && Releasable > 0;

    /// <summary>Adds the sums of other clients of the same therapist; counts relative to a release are those of neither.</summary>
    public TherapistSums Plus(TherapistSums other) => new()
    {
        Values = Values.Length == 0 ? [.. other.Values] : other.Values.Length == 0 ? [.. Values] : Sum(Values, other.Values),
        NewSinceRelease = Clients + other.Clients,
    };

    /// <summary>A copy without withheld clients.</summary>
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

/// <summary>The cohort of a cell, and its difference from the last release.</summary>
/// <param name="Patients">Clients who may be included in a release.</param>
/// <param name="Therapists">Their therapists.</param>
/// <param name="NewPatients">Clients who have been in no release.</param>
/// <param name="DepartedPatients">Clients of the last release who are no longer included.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct CohortCounts(long Patients, long Therapists, long NewPatients, long DepartedPatients)
{
    public static CohortCounts operator +(CohortCounts a, CohortCounts b) => Add(a, b);

    public static CohortCounts operator -(CohortCounts a, CohortCounts b) => Subtract(a, b);

    public static CohortCounts Add(CohortCounts a, CohortCounts b) =>
        new(a.Patients + b.Patients, a.Therapists + b.Therapists, a.NewPatients + b.NewPatients, a.DepartedPatients + b.DepartedPatients);

    public static CohortCounts Subtract(CohortCounts a, CohortCounts b) =>
        new(a.Patients - b.Patients, a.Therapists - b.Therapists, a.NewPatients - b.NewPatients, a.DepartedPatients - b.DepartedPatients);
}

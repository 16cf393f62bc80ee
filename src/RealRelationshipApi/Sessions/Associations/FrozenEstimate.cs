namespace RealRelationshipApi.Sessions.Associations;

/// <summary>What the patients of one provenance contribute to a released association, rounded and unchanged until their next epoch.</summary>
/// <param name="Level">withinClient, betweenClient or betweenTherapist.</param>
/// <param name="Basis">observedMeans, detrended or partial.</param>
/// <param name="Z">Fisher z, to 3 decimals.</param>
/// <param name="Variance">Its sampling variance, to 3 significant digits.</param>
/// <param name="Patients">Number of patients.</param>
internal sealed record FrozenEstimate(string Level, string Basis, double Z, double Variance, long Patients)
{
    public void Write(BinaryWriter writer)
    {
        writer.Write(Level);
        writer.Write(Basis);
        writer.Write(Z);
        writer.Write(Variance);
        writer.Write7BitEncodedInt64(Patients);
    }

    public static FrozenEstimate Read(BinaryReader reader) =>
        new(reader.ReadString(), reader.ReadString(), reader.ReadDouble(), reader.ReadDouble(), reader.Read7BitEncodedInt64());
}
